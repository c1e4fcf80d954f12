"""Imports every room's tables, so that migrations and tests see one schema."""

from workbench.accounts import models as accounts
from workbench.audit import models as audit
from workbench.db import Base
from workbench.deduplication import models as deduplication
from workbench.files import models as files
from workbench.jobs import models as jobs
from workbench.protocols import models as protocols
from workbench.records import models as records
from workbench.reviews import models as reviews
from workbench.screening import models as screening
from workbench.studies import models as studies

ROOMS = (audit, files, accounts, jobs, reviews, protocols, records, deduplication, screening, studies)
metadata = Base.metadata
