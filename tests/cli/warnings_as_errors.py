# options: -W error::DeprecationWarning -W ignore::UserWarning
# -W on the command line.
import warnings
warnings.warn("silent")
try: warnings.warn("old", DeprecationWarning)
except DeprecationWarning as e: print("error", e)
