# Elements, their builder and parser, and what is found in trees.
import copy, io, pickle
import xml.etree.ElementTree as ET
from xml.etree.ElementTree import Element, SubElement, TreeBuilder, XMLParser, XMLPullParser

root = Element("a", {"x": "1"}, y="2")
b = SubElement(root, "b"); b.text = "t"; b.tail = "u"
c = SubElement(root, "c", k="v"); SubElement(c, "b").text = "deep"
print(ET.tostring(root), len(root), root[0] is b, root[-1] is c, root[0:2] == [b, c])
print(root.attrib, root.get("x"), root.get("z", 0), sorted(root.keys()), sorted(root.items()))
print(root.find("b").text, root.findtext("b"), root.findtext("q", "none"), root.find("q"), [e.text for e in root.iter("b")])
print([e.text for e in root.findall(".//b")], root.find("c/b").text, [e.tag for e in root.iterfind("*")], list(root.itertext()))
for text in ("root[7]", "root['x']", "root.append(1)", "root.remove(b)", "Element()", "Element('a', 1)", "root[5:1:0]", "SubElement(1, 'x')",
             "root.insert(0, None)", "del root[9]", "root[0:4:2] = [b, b, b]", "root.__setstate__(1)"):
    try: print(text, eval(text) if "=" not in text and "del" not in text else exec(text))
    except Exception as e: print(text, type(e).__name__, str(e) if "Element()" not in text and "not found" not in str(e) and "not in" not in str(e) else "")
root[:] = [c, b]; root[1:1] = [Element("n")]; print([e.tag for e in root]); del root[::2]; print([e.tag for e in root])
root.extend([b, c]); root.insert(-1, Element("m")); print([e.tag for e in root]); root[0] = Element("first"); print([e.tag for e in root])
twin = copy.deepcopy(root); print(ET.tostring(twin) == ET.tostring(root), twin[1] is root[1], copy.copy(root)[1] is root[1])
print(ET.tostring(pickle.loads(pickle.dumps(root))) == ET.tostring(root), repr(root)[:13])
root.clear(); print(ET.tostring(root), root.attrib, root.text)

builder = TreeBuilder()
builder.start("r", {}); builder.data("one "); builder.data("two"); builder.start("s", {"q": "1"}); builder.end("s"); builder.data("tail"); builder.end("r")
print(ET.tostring(builder.close()))
commented = XMLParser(target=TreeBuilder(insert_comments=True, insert_pis=True))
commented.feed("<r>x<!-- c -->y<?p i?>z</r>"); print(ET.tostring(commented.close()))
print(ET.tostring(ET.XML('<r xmlns="u" xmlns:p="v" p:k="1"><p:s>&#233;&lt;&amp;</p:s></r>')), ET.XML('<r xmlns="u"/>').tag)

class Target:
    def start(self, tag, attrib): print("start", tag, attrib)
    def end(self, tag): print("end", tag)
    def data(self, data): print("data", repr(data))
    def comment(self, text): print("comment", text)
    def pi(self, target, data): print("pi", target, data)
    def start_ns(self, prefix, uri): print("start_ns", repr(prefix), uri)
    def end_ns(self, prefix): print("end_ns", repr(prefix))
    def doctype(self, name, pubid, system): print("doctype", name, pubid, system)
    def close(self): return "closed"
p = XMLParser(target=Target()); p.feed('<!DOCTYPE r PUBLIC "p" "s"><r xmlns:q="w" a="1">t<!--c--><?x y?>'); p.feed("<q:s/></r>"); print(p.close())

pull = XMLPullParser(["start", "end", "start-ns", "end-ns", "comment", "pi"])
for piece in ("<r xmlns='u'><a>", "t</a><!--c-->", "<?p q?></r>"): pull.feed(piece); print([(what, getattr(e, "text", e)) for what, e in pull.read_events()])
print([(what, e.tag) for what, e in ET.iterparse(io.BytesIO(b"<r><a/><b>x</b></r>"))])
for text in ("foobar<", "<a>", "<a></b>", "<a>&no;</a>", "<a/><b/>", ""):
    try: ET.XML(text)
    except ET.ParseError as e: print(repr(text), e, e.code, e.position)
p = XMLParser(); p.entity["own"] = "text"; p.feed("<!DOCTYPE a SYSTEM 's'><a>1&own;2</a>"); print(p.close().text)
tree = ET.ElementTree(ET.XML("<r><a><b/></a></r>")); ET.indent(tree); print(ET.tostring(tree.getroot()).decode())
