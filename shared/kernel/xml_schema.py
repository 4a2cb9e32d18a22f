"""As much of XML Schema as the messages of ISO 20022 use: sequences, choices, and what a simple type allows.

What is said of a document names places in it and never quotes it: it may name persons and accounts.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from shared.kernel.strict_xml import parse_xml

XS = "{http://www.w3.org/2001/XMLSchema}"
BUILT_IN = {
    "xs:string": r"(?s:.*)",
    "xs:boolean": r"true|false|0|1",
    "xs:base64Binary": r"[A-Za-z0-9+/=\s]*",
    "xs:decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)",
    "xs:date": r"\d{4}-\d\d-\d\d(Z|[+-]\d\d:\d\d)?",
    "xs:dateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?",
}


@dataclass(frozen=True)
class Schema:
    """The types of one message, and its namespace."""

    namespace: str
    types: dict[str, Element]

    @classmethod
    def of(cls, path: Path) -> "Schema":
        """Read an XSD."""
        root = parse_xml(path.read_bytes())
        types = {each.attrib["name"]: each for each in root if each.tag in (f"{XS}complexType", f"{XS}simpleType")}
        return cls(root.attrib["targetNamespace"], types)

    def errors(self, root: Element) -> list[str]:
        """What is wrong with a document, by place; nothing if it is valid."""
        if root.tag != f"{{{self.namespace}}}Document":
            return ["the root is no Document of this message"]
        return self._check(root, "Document", "Document")

    def _check(self, element: Element, type_name: str, path: str) -> list[str]:
        definition = self.types.get(type_name)
        if definition is None or definition.tag == f"{XS}simpleType":
            extra = [f"{path} has children"] if len(element) else []
            return extra + self._check_text(element.text or "", type_name, path)
        simple = definition.find(f"{XS}simpleContent/{XS}extension")
        if simple is not None:
            wrong = self._check_text(element.text or "", simple.attrib["base"], path)
            for attribute in simple.iter(f"{XS}attribute"):
                value = element.attrib.get(attribute.attrib["name"])
                if value is None:
                    wrong.append(f"{path} lacks {attribute.attrib['name']}")
                else:
                    wrong += self._check_text(value, attribute.attrib["type"], f"{path}@{attribute.attrib['name']}")
            return wrong
        between = [element.text or "", *(child.tail or "" for child in element)]
        wrong = [f"{path} has text"] if "".join(between).strip() else []
        choice = definition.find(f"{XS}choice")
        if choice is not None:
            (only,) = element if len(element) == 1 else (None,)
            named = next((each for each in choice if only is not None and self._is(only, each)), None)
            if only is None or named is None:
                return [*wrong, f"{path} is none of its choices"]
            return wrong + self._check(only, named.attrib["type"], f"{path}/{named.attrib['name']}")
        return wrong + self._check_sequence(element, definition.findall(f"{XS}sequence/*"), path)

    def _check_sequence(self, element: Element, particles: list[Element], path: str) -> list[str]:
        wrong: list[str] = []
        children = list(element)
        for particle in particles:
            name, count = particle.attrib.get("name", "any"), 0
            while children and self._is(children[0], particle):
                child = children.pop(0)
                if particle.tag != f"{XS}any":  # what may be anything is not looked at
                    wrong += self._check(child, particle.attrib["type"], f"{path}/{name}")
                count += 1
            most = particle.attrib.get("maxOccurs", "1")
            if count < int(particle.attrib.get("minOccurs", "1")) or (most != "unbounded" and count > int(most)):
                wrong.append(f"{path} has {count} {name}")
        return [*wrong, f"{path} has more than it may"] if children else wrong

    def _is(self, element: Element, particle: Element) -> bool:
        return particle.tag == f"{XS}any" or element.tag == f"{{{self.namespace}}}{particle.attrib.get('name')}"

    def _check_text(self, text: str, type_name: str, path: str) -> list[str]:
        if type_name in BUILT_IN:
            return [] if re.fullmatch(BUILT_IN[type_name], text, re.ASCII) else [f"{path} is no {type_name}"]
        (restriction,) = self.types[type_name].findall(f"{XS}restriction")
        wrong = self._check_text(text, restriction.attrib["base"], path)
        fraction = text.partition(".")[2]
        facets: dict[str, list[str]] = {}
        for facet in restriction:
            facets.setdefault(facet.tag.removeprefix(XS), []).append(facet.attrib["value"])
        fits: dict[str, Callable[[list[str]], bool]] = {
            "enumeration": lambda values: text in values,
            "pattern": lambda values: any(re.fullmatch(value, text) for value in values),
            "minLength": lambda values: len(text) >= int(values[0]),
            "maxLength": lambda values: len(text) <= int(values[0]),
            "fractionDigits": lambda values: len(fraction) <= int(values[0]),
            "totalDigits": lambda values: len(re.sub(r"\D", "", text)) <= int(values[0]),
            "minInclusive": lambda values: not text.startswith("-") or values[0] != "0",
        }
        return wrong + [f"{path} breaks {name}" for name, values in facets.items() if not fits[name](values)]
