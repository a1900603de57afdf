"""sqlite3: connections, cursors, rows, functions, blobs, transactions, errors."""

import os
import sqlite3
import tempfile
import threading
import warnings


def attempt(f, *args, **kwargs):
    try:
        print("->", f(*args, **kwargs))
    except Exception as e:
        code = getattr(e, "sqlite_errorname", None)
        print(type(e).__name__, str(e), code)


con = sqlite3.connect(":memory:")
cur = con.cursor()
print(con.isolation_level == "", con.autocommit == sqlite3.LEGACY_TRANSACTION_CONTROL, con.in_transaction)
cur.execute("create table person(id integer primary key, name text, weight real, photo blob)")
people = [("Ada", 50.5, b"\x00\x01"), ("Bob", None, None), ("Zoë", 61, b"")]
cur.executemany("insert into person(name, weight, photo) values (?, ?, ?)", people)
print(cur.rowcount, cur.lastrowid, con.in_transaction, con.total_changes)
con.commit()
for row in cur.execute("select * from person order by id"):
    print(row)
print([d[0] for d in cur.description], cur.description[0])

# Parameters
print(con.execute("select :a + :b", {"a": 1, "b": 2}).fetchone())
print(con.execute("select ?2, ?1", (1, 2)).fetchone())
print(con.execute("select ?", [2**63 - 1]).fetchone())
attempt(con.execute, "select ?", (2**63,))
attempt(con.execute, "select ?, ?", (1,))
attempt(con.execute, "select ?", (object(),))
attempt(con.execute, "select :a", {"b": 1})
attempt(con.execute, "select ?", {"b": 1})
attempt(con.execute, "select ?", 5)
attempt(con.execute, "select ?", ("\ud800",))
attempt(con.execute, "select 1; select 2")
attempt(con.execute, "select 1 \0")
attempt(con.execute, "selec 1")
attempt(con.execute, "select * from nothing")
attempt(con.executemany, "select 1", [()])
attempt(con.execute, "insert into person(id) values (1)")
attempt(con.execute, 5)
print(con.execute("").fetchall(), con.execute("-- only this").fetchone())

# Fetching
cur = con.execute("select id from person order by id")
print(cur.fetchone(), cur.fetchmany(1), cur.fetchall(), cur.fetchone(), cur.fetchmany(3))
cur.arraysize = 2
print(cur.execute("select id from person").fetchmany(), next(cur), next(cur, "end"))
print(con.execute("insert into person(name) values ('Dan') returning id, name").fetchall())
con.rollback()

# Rows
con.row_factory = sqlite3.Row
row = con.execute("select id, name as Name from person").fetchone()
print(row.keys(), row["name"], row[0], row[-1], row[0:2], len(row), tuple(row), dict(row))
print(row == con.execute("select id, name as Name from person").fetchone(), hash(row) == hash(row), row != 1)
attempt(lambda: row["nothing"])
attempt(lambda: row[2])
attempt(lambda: row[1.5])
con.row_factory = lambda cursor, row: {d[0]: v for d, v in zip(cursor.description, row)}
print(con.execute("select 1 as a, 2 as b").fetchall())
con.row_factory = None
con.text_factory = bytes
print(con.execute("select 'x', cast('y' as blob)").fetchone())
con.text_factory = lambda b: b.decode("latin-1").upper()
print(con.execute("select 'x'").fetchone())
con.text_factory = str
attempt(con.execute("select cast(x'ff41' as text) as bad").fetchone)

# Functions, aggregates, collations
con.create_function("twice", 1, lambda x: x * 2, deterministic=True)
print(con.execute("select twice(21), twice('ab'), twice(1.5)").fetchone())
con.create_function("args", -1, lambda *a: repr(a))
print(con.execute("select args(), args(1, 'a', null, x'00', 1.0)").fetchone())
con.create_function("bad", 0, lambda: 1 / 0)
attempt(con.execute, "select bad()")
con.create_function("odd", 0, lambda: {})
attempt(con.execute, "select odd()")


class Sum:
    def __init__(self):
        self.total = 0

    def step(self, x):
        self.total += x

    def inverse(self, x):
        self.total -= x

    def value(self):
        return self.total

    def finalize(self):
        return self.total


con.create_aggregate("mysum", 1, Sum)
print(con.execute("select mysum(id) from person").fetchone())
print(con.execute("select mysum(id) from person where 0").fetchone())
con.create_window_function("winsum", 1, Sum)
query = "select winsum(id) over (order by id rows between 1 preceding and current row) from person"
print(con.execute(query).fetchall())
con.create_aggregate("nostep", 1, object)
attempt(con.execute, "select nostep(id) from person")
con.create_collation("reversed", lambda a, b: (a < b) - (a > b))
print(con.execute("select name from person order by name collate reversed").fetchall())
con.create_collation("reversed", None)
attempt(con.execute, "select name from person order by name collate reversed")

# Hooks
trace = []
con.set_trace_callback(trace.append)
con.execute("select ?", ("x",)).fetchall()
con.execute("delete from person where id = ?", (99,))
con.rollback()
con.set_trace_callback(None)
print(trace)
con.set_authorizer(lambda action, a, b, name, source: sqlite3.SQLITE_DENY if b == "photo" else sqlite3.SQLITE_OK)
attempt(con.execute, "select photo from person")
print(con.execute("select name from person where id = 1").fetchone())
con.set_authorizer(None)
con.set_progress_handler(lambda: 1, 1)
attempt(con.execute, "select name from person")
con.set_progress_handler(None, 1)

# Transactions
attempt(setattr, con, "isolation_level", "SOMEHOW")
with con:
    con.execute("insert into person(name) values ('Eve')")
try:
    with con:
        con.execute("insert into person(name) values ('Fay')")
        raise KeyError
except KeyError:
    pass
print(con.execute("select count(*) from person").fetchone())
auto = sqlite3.connect(":memory:", autocommit=False)
print(auto.autocommit, auto.in_transaction)
auto.execute("create table t(x)")
auto.commit()
print(auto.in_transaction)
auto.autocommit = True
print(auto.autocommit, auto.in_transaction)
auto.close()

# Scripts, dumps, backups, serialization
con.executescript("create table t(x); insert into t values (1); insert into t values ('it''s');")
print(list(con.iterdump())[-4:])
copy = sqlite3.connect(":memory:")
steps = []
con.backup(copy, pages=1, progress=lambda status, left, total: steps.append(left >= 0))
print(copy.execute("select x from t").fetchall(), all(steps))
data = con.serialize()
print(data[:15])
copy.deserialize(data)
print(copy.execute("select count(*) from t").fetchone())
copy.close()
attempt(copy.execute, "select 1")
attempt(con.backup, con)

# Blobs
with con.blobopen("person", "photo", 1) as blob:
    print(len(blob), blob.read(), blob.tell(), blob[0], blob[0:2])
    blob.seek(0)
    blob.write(b"\xff")
    blob[1] = 7
    attempt(blob.write, b"too long")
    attempt(blob.seek, 5)
    attempt(lambda: blob[9])
attempt(blob.read)
print(con.execute("select photo from person where id = 1").fetchone())
attempt(con.blobopen, "person", "nothing", 1)
con.rollback()


# Adapters and converters
class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __conform__(self, protocol):
        if protocol is sqlite3.PrepareProtocol:
            return f"{self.x};{self.y}"


sqlite3.register_converter("point", lambda b: tuple(map(int, b.split(b";"))))
typed = sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES)
typed.execute("create table p(p point, q)")
typed.execute("insert into p values (?, ?)", (Point(1, 2), Point(3, 4)))
cur = typed.execute('select p, q, q as "q [point]" from p')
print(cur.fetchone(), [d[0] for d in cur.description])
sqlite3.register_adapter(complex, lambda z: f"{z.real}")
print(typed.execute("select ?", (1.5j + 2,)).fetchone(), sqlite3.adapt(3 + 0j), sqlite3.adapt("x", int, 9))
attempt(sqlite3.adapt, "x")
typed.close()

# Limits, configuration, errors
print(con.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, 20) > 0)
attempt(con.execute, "select 'a rather long query'")
attempt(con.getlimit, 1000)
con.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, 100000)
print(con.getconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_FKEY))
con.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_FKEY, True)
print(con.getconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_FKEY))
attempt(con.getconfig, -1)
try:
    con.execute("insert into person(id) values (1)")
except sqlite3.IntegrityError as e:
    print(e.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, e.sqlite_errorname)
print(con.Error is sqlite3.Error, issubclass(sqlite3.DataError, sqlite3.DatabaseError), sqlite3.Error.__module__)
print(sqlite3.complete_statement("select 1;"), sqlite3.complete_statement("select 1"))
attempt(sqlite3.connect, ":memory:", autocommit=7)
attempt(sqlite3.Connection.__new__(sqlite3.Connection).commit)
attempt(sqlite3.connect, "/nonexistent/path/to.db")


# Threads
def other():
    try:
        con.execute("select 1")
    except sqlite3.ProgrammingError as e:
        print(str(e).split(".")[0])


t = threading.Thread(target=other)
t.start()
t.join()
shared = sqlite3.connect(":memory:", check_same_thread=False)
shared.create_function("slow", 1, lambda x: x + 1)
shared.execute("create table n(x)")
lock = threading.Lock()


def work(k):
    for i in range(50):
        with lock:
            shared.execute("insert into n values (slow(?))", (k * 100 + i,))


threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(shared.execute("select count(*), sum(x) from n").fetchone())
shared.close()

# Cursors that are used wrongly
cur = con.cursor()


def recursive():
    cur.execute("select 1")
    yield (1,)


attempt(cur.executemany, "insert into t values (?)", recursive())
con.rollback()
cur.close()
attempt(cur.execute, "select 1")
attempt(sqlite3.Cursor, 5)
con.close()
attempt(lambda: con.in_transaction)
attempt(con.cursor)

# Files and URIs
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "a?b.db")
    with sqlite3.connect(path) as db:
        db.execute("create table t(x)")
    db.close()
    print(os.listdir(folder))
    uri = "file:" + path.replace("?", "%3f") + "?mode=ro"
    db = sqlite3.connect(uri, uri=True)
    attempt(db.execute, "insert into t values (1)")
    db.close()

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    sqlite3.connect(":memory:", 5.0).close()
    print([str(w.message)[:50] for w in caught])
