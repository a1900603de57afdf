"""The XML parser: events, positions, errors, namespaces, entities."""
from xml.parsers import expat
from xml.parsers.expat import errors, model

NAMES = """StartElement EndElement CharacterData ProcessingInstruction Comment StartCdataSection
EndCdataSection StartNamespaceDecl EndNamespaceDecl StartDoctypeDecl EndDoctypeDecl XmlDecl ElementDecl AttlistDecl
EntityDecl UnparsedEntityDecl NotationDecl ExternalEntityRef SkippedEntity NotStandalone""".split()


def parse(*chunks, names=NAMES, show=True, extra=None, **kw):
    p = expat.ParserCreate(**kw)
    p.buffer_text = True
    out = []

    def handler(name):
        def f(*args):
            out.append((name, *args, p.CurrentLineNumber, p.CurrentColumnNumber, p.CurrentByteIndex))
            return 1
        return f

    for name in names:
        setattr(p, name + "Handler", handler(name))
    if extra:
        extra(p)
    try:
        for i, c in enumerate(chunks):
            p.Parse(c, i == len(chunks) - 1)
    except expat.ExpatError as e:
        out.append(("error", str(e), e.code, e.lineno, e.offset))
        assert p.ErrorCode == e.code
    if show:
        for o in out:
            print(*map(repr, o))
        print("--")
    return out


print("# documents")
parse(b"<a><b x='1' y=\"2 &lt;&#65;\n&#x42;\"/>text &amp; more\r\nlines<!-- c --><?pi  data ?><![CDATA[<&]]]></a>\n")
parse("<é à='ü'>ß€😀</é>", names=["StartElement", "EndElement", "CharacterData"])
parse(b"<a>", b"te", b"xt<", b"b/", b">", b"</a", b">")
parse(b"<?xml version='1.0' encoding='iso-8859-1' standalone='yes'?><a>\xe9</a>")
parse(b"<?xml version='1.0' encoding='cp1252'?><a>\x80</a>")
parse(b"<a>\x80</a>", encoding="koi8-r")

print("# namespaces")
parse(b"<a xmlns='u' xmlns:p='v' p:x='1' y='2'><p:b/><c xmlns=''/></a>", namespace_separator=" ")
parse(b"<a xmlns='u'><b/></a>", namespace_separator="")
parse(b"<p:a xmlns:p='v' xml:lang='en'/>", namespace_separator="!",
      extra=lambda p: setattr(p, "namespace_prefixes", True))

print("# document types")
DTD = b"""<!DOCTYPE r SYSTEM "x.dtd" [
<!ELEMENT r (a, (b | c)*, d?)>
<!ELEMENT a (#PCDATA)>
<!ELEMENT m (#PCDATA | a | b)*>
<!ELEMENT e EMPTY>
<!ATTLIST r k (one|two) "one" id ID #REQUIRED f CDATA #FIXED " x  y " t NMTOKENS " p  q ">
<!NOTATION gif PUBLIC "-//X//  Y">
<!ENTITY e1 "text &#38; <a>&e2;</a>">
<!ENTITY e2 'inner'>
<!ENTITY pic SYSTEM "p.gif" NDATA gif>
<!ENTITY ext PUBLIC "pub" "sys">
<!ENTITY % pe "<!ENTITY e3 'three'>">
]>
<r id=" i  d ">&e1;&ext;&unknown;</r>"""
for e in parse(DTD, names=[n for n in NAMES if n not in ("ElementDecl", "AttlistDecl")], show=False):
    print(e if e[0] in ("StartElement", "CharacterData", "EndElement") else e[:-3])
for e in parse(DTD, names=["ElementDecl", "AttlistDecl"], show=False):
    print(e[:-3])

print("# errors")
for doc in (b"", b" ", b"<", b"<a", b"<a>", b"<a></b>", b"<a/><b/>", b"<a/>x", b"x", b"<a>&x;</a>", b"<a x='1' x='2'/>",
            b"<a b=1/>", b"<a b/>", b"<a>&#0;</a>", b"<a>]]></a>", b"<a>\x01</a>", b"<a>\xff</a>", b"<a><![CDATA[x</a>",
            b"<a><!-- -- --></a>", b" <?xml version='1.0'?><a/>",
            b"<a x='<'/>", b"<a>& </a>", b"<1/>", b"</a>", b"<a></a></a>", b"<!DOCTYPE a [<!ENTITY x '&x;'>]><a>&x;</a>",
            b"<!DOCTYPE a [<!ENTITY x '<b>'>]><a>&x;</b></a>", b"<a>\xc3",
            b"<a>\n\n  <b>\n</c></a>"):
    print(doc, end=" ")
    parse(doc, names=[])
for doc in (b"<p:a/>", b"<a xmlns:p=''/>", b"<a xmlns:xml='x'/>", b"<a xmlns:xmlns='x'/>", b"<a:b:c/>",
            b"<a xmlns:p='u' xmlns:q='u' p:x='' q:x=''/>"):
    print(doc, end=" ")
    parse(doc, names=[], namespace_separator=" ")

print("# bombs")
bomb = "<!DOCTYPE a [<!ENTITY e0 'xxxxxxxxxx'>" + "".join(
    f"<!ENTITY e{i} '{f'&e{i - 1};' * 10}'>" for i in range(1, 10)) + "]>"
print(parse(bomb + "<a>&e9;</a>", names=[], show=False)[0][1].split(":")[0])
print(parse(bomb + "<a b='&e9;'/>", names=[], show=False)[0][1].split(":")[0])
print(len(parse("<a>" * 20000 + "</a>" * 20000, names=["StartElement", "EndElement"], show=False)))

print("# attributes of parsers")
p = expat.ParserCreate()
print(p.buffer_text, p.buffer_size, p.buffer_used, p.ordered_attributes, p.specified_attributes, p.intern)
print(p.CurrentByteIndex, p.CurrentLineNumber, p.ErrorCode, p.GetBase(), p.GetInputContext())
p.SetBase("base")
print(p.GetBase(), p.StartElementHandler)
p.ordered_attributes = True
p.StartElementHandler = lambda name, attrs: print(name, attrs, p.GetInputContext())
p.DefaultHandler = lambda text: print("default", repr(text))
p.Parse("<a x='1' y='2'>text<b/><!--c--></a>", True)
try:
    p.Parse("<a/>", True)
except expat.ExpatError as e:
    print(e, e.code == errors.codes[errors.XML_ERROR_FINISHED])
print(expat.ErrorString(3), errors.messages[5], model.XML_CTYPE_SEQ, expat.ErrorString(-1))
for bad in (lambda: expat.ParserCreate(namespace_separator="ab"), lambda: expat.ParserCreate(intern=1),
            lambda: setattr(p, "buffer_size", 0), lambda: p.Parse(1), lambda: expat.ParserCreate(encoding=1),
            lambda: expat.ParserCreate("nonsense").Parse(b"<a/>", True)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)


def external(p):
    def handler(context, base, system, public):
        sub = p.ExternalEntityParserCreate(context)
        print("external", context, base, system, public)
        return sub.Parse("<?xml encoding='utf-8'?><x>in</x>tail", True)
    p.ExternalEntityRefHandler = handler
    p.StartElementHandler = print
    p.CharacterDataHandler = print


parse("<!DOCTYPE a [<!ENTITY e SYSTEM 'f'>]><a>&e;</a>", names=[], extra=external)
