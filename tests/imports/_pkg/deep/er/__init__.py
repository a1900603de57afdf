from ... import value; from ...sub.thing import T as t
