"""Alembic's entry: what the audit service's tables should be."""

from services.audit.case_facts import models as case_facts
from services.audit.dossiers import models as dossiers
from services.audit.exports import models as exports
from services.audit.log import models as log
from services.audit.models import Base
from services.audit.person_facts import models as person_facts
from shared.persistence import migrations

ROOMS = (log, person_facts, case_facts, dossiers, exports)
"""Imported so that their tables hang on the metadata."""

migrations.run(Base.metadata)
