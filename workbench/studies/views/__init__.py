"""Pages of studies: the list, one study, suggestions, and the tables that are printed."""

from workbench.studies.views import deeds as deeds
from workbench.studies.views import pages as pages
from workbench.studies.views.blueprint import bp as bp
