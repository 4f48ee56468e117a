"""The action's last step: deploywatch out of the action's checkout, with what install.sh installed, and nothing of the workspace.

Started with ``python -I``, so that no file of the repository that was deployed can take the place of a module.
"""

import os
import sys
from importlib import import_module

sys.path[:0] = [os.environ["GITHUB_ACTION_PATH"], f"{os.environ['RUNNER_TEMP']}/deploywatch-site"]

import_module("deploywatch.cli.action").main()
