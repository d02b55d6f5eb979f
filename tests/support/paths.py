"""Where the repository and the folders of its project are."""

from pathlib import Path

from leeward.base.installation.project_folders import ProjectFolders

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = ProjectFolders(REPOSITORY)
RUNBOOKS_FOLDER, GENERATED_FOLDER, SCHEMA_FOLDER = PROJECT.runbooks, PROJECT.generated, PROJECT.schema
