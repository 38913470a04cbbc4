"""The frozen problem of one component: vehicle types, consignments, echelons; and the times of its trips."""
