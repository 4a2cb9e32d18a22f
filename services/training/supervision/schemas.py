"""What the routes of supervision take."""

from shared.contracts.fields import Code
from shared.http import Body


class SuperviseInstitutionRequest(Body):
    """Why an officer acts; public."""

    reason_code: Code
