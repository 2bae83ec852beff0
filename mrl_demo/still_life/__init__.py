"""Still lifes of our own making: scenes sampled, described, modelled and rendered, nothing downloaded.

catalogue -> scene -> captions need plain Python only; modelling, objects and staging need NumPy;
materials, backdrops and render need Mitsuba, imported inside functions, so that importing this package never
loads it.
"""
