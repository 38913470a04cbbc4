"""How likely a checked plan holds: its trips played many times with delays drawn by chance.

It is no part of the check and proves nothing; so it stands outside of `proof`, where no numerical library may
be, and reads the plan and the files through the checker's own facts.

Distributions and policy: ``docs/simulation.md``.
"""
