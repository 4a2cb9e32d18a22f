"""An export is an act without a change of state that must be seen: it creates its own record."""

from enum import StrEnum

from shared.kernel.lifecycle import Edge, Lifecycle


class ExportState(StrEnum):
    """An export is recorded, and that is all that ever happens to it."""

    RECORDED = "recorded"


class ExportAction(StrEnum):
    """An export has one edge."""

    RECORD = "record"


class ExportKind(StrEnum):
    """What was taken out."""

    LOG_PAGE = "log_page"
    LOG_PACKAGE = "log_package"


EXPORT = Lifecycle("audit.export", {(None, ExportAction.RECORD): Edge(ExportState.RECORDED, emits="export.recorded")})
