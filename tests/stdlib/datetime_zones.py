# needs: 3.14
import datetime
def t(f,*a,**k):
    try: r=repr(f(*a,**k)); print(r.split(' at 0x')[0][:100])
    except BaseException as e: print(type(e).__name__, str(e)[:100])
# heap changed while compared
# datetime
class TZ(datetime.tzinfo):
    def __init__(s,v=None): s.v=v
    def utcoffset(s,d): return s.v(d) if callable(s.v) else s.v
    def dst(s,d): return s.v(d) if callable(s.v) else s.v
    def tzname(s,d): return s.v
D=datetime.datetime
for v in (None,1,datetime.timedelta(1),datetime.timedelta(-1),datetime.timedelta(hours=23,minutes=59,microseconds=1),'x'):
    d=D(2020,1,1,tzinfo=TZ(v)); tm=datetime.time(1,tzinfo=TZ(v))
    t(d.utcoffset); t(d.isoformat);  t(lambda:d==D(2020,1,1,tzinfo=datetime.timezone.utc)); t(lambda:d<D(2020,1,1)); t(lambda:d-D(2020,1,1,tzinfo=datetime.timezone.utc)); t(d.timestamp); t(d.astimezone,datetime.timezone.utc); t(d.timetuple); t(d.utctimetuple); t(d.strftime,'%z %Z'); t(tm.isoformat);  t(tm.strftime,'%z %Z'); t(d.dst); t(d.tzname); t(tm.tzname);  t(TZ(v).fromutc,d)
for s in ('','2020','2020-01-01T','2020-01-01T1','2020-01-01T10:','2020-01-01T10:00+','2020-01-01T10:00+25:00','2020-01-01T24:00','9999-12-31T24:00','2020-01-01T24:01','2020-W01','2020-W01-1T10','2020W0110','\ud800'*10,'2020-01-01\ud80010:00','2020-01-01'+'é'+'10:00','20200101T101010,123456789Z','2020-01-01T10:00Z00','2020-01-01T10:00:00.','2020-01-01T10:00:00.1-01:30:20.5','2020-01-01T100000.5','2020-01-01T10:0000','1'*1000): t(D.fromisoformat,s)
for s in ('','1','10','T10','10:','10:0','24','24:00:00','24:01','10:00:00.0000001','10Z','10+01','10-0130','T10:00:00+01:30:10.000001','100','10.5'): t(datetime.time.fromisoformat,s)
