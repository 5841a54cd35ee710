"""The contract against a running `skillbox serve`, as this user and, for root, as an ordinary one.

Each rule is a row of tests/server/contract; names of failing tests quote it.
"""

import os

import skillbox_server
from contract import (section1_http, section2_callers, section3_executions,  # noqa: F401
                      section4_sandbox, section5_skills, section7_files)
from contract.rules import cases

NOBODY = 65534

Contract = cases("", skillbox_server.Server)
if os.geteuid() == 0:
    ContractAsNobody = cases("AsNobody", lambda: skillbox_server.Server(uid=NOBODY))

if __name__ == "__main__":
    skillbox_server.main()
