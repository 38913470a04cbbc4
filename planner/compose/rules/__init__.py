"""The rules of the world as constraints: one module for each, with the name that the checker gives it.

All models of `planner.compose` are put together from these: that of one echelon (identical vehicles as one
resource), that of named vehicles, and that of several echelons. `planner.base.rules` says which rule is
where.
"""
