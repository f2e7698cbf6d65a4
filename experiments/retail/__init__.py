"""The retail network of S. Chen, Y. Chen, Computers and Chemical Engineering 179 (2023) 108428, on the Wuhan case."""
