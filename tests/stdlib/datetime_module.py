# needs: 3.14
import os, time as tm
os.environ['TZ']='UTC'
if hasattr(tm,'tzset'): tm.tzset()
import datetime as D, pickle, copy, sys, warnings
from datetime import *
warnings.simplefilter('ignore')
def t(f,*fa,**k):
    try: print(repr(f(*fa,**k)).split(' at 0x')[0])
    except BaseException as e: print(type(e).__name__, e)
for c in (date,datetime):
    t(c); t(c,1); t(c,1,2); t(c,0,1,1); t(c,10000,1,1); t(c,2020,0,1); t(c,2020,13,1); t(c,2019,2,29); t(c,2020,2,30); t(c,2020,4,0); t(c,'a',1,1); t(c,1.5,1,1); t(c,2**70,1,1); t(c,2020,1,1,x=1); t(c,year=2020,month=1,day=2); t(c,1,2,3,4,5,6,7,None,9); t(c,2020,1,year=3); t(c,None,1,1); t(c,True,1,1)
t(date,1,2,3,4)
t(datetime,2020,1,1,24); t(datetime,2020,1,1,0,60); t(datetime,2020,1,1,0,0,60); t(datetime,2020,1,1,0,0,0,10**6); t(datetime,2020,1,1,fold=2); t(datetime,2020,1,1,tzinfo=3); t(datetime,2020,1,1,0,0,0,0,'x'); t(datetime,2020,1,1,-1); t(datetime,2020,1,1,1.5);t(datetime,2020,1,1,fold=-1)
t(time); t(time,24); t(time,1,60); t(time,1,2,60); t(time,1,2,3,10**6); t(time,-1); t(time,fold=2); t(time,tzinfo=1); t(time,'a'); t(time,1,2,3,4,None,0); t(time,1,2,3,4,5); t(time,1.5); t(time,x=1); t(time,1,2,3,4,timezone.utc,fold=1); 
t(timedelta); t(timedelta,1); t(timedelta,1,2,3,4,5,6,7); t(timedelta,1,2,3,4,5,6,7,8); t(timedelta,'a'); t(timedelta,days='a'); t(timedelta,None); t(timedelta,10**9); t(timedelta,-10**9); t(timedelta,10**30); t(timedelta,1.5); t(timedelta,1e300); t(timedelta,float('nan')); t(timedelta,float('inf')); t(timedelta,x=1); t(timedelta,0.1,0.2,0.3,0.4,0.5,0.6,0.7); t(timedelta,microseconds=0.5); t(timedelta,microseconds=1.5); t(timedelta,microseconds=-0.5); t(timedelta,seconds=1e-7); t(timedelta,days=999999999,hours=24); t(timedelta,seconds=2**70); t(timedelta, microseconds=2**70); t(timedelta, 1j)
t(timedelta,seconds=0.5,microseconds=0.5);t(timedelta,hours=1/3);t(timedelta,weeks=1/7); t(timedelta,days=-1,seconds=86399,microseconds=999999)
a=timedelta(3,5,7)
for x in (timedelta(1,2,3),2,2.5,0,0.0,timedelta(0),'a',None,1e300,float('nan'),float('inf'),10**20,date(2020,1,5),datetime(2020,1,5)):
    for op in ('+','-','*','/','//','%'):
        t(eval,f'a {op} x',globals()); t(eval,f'x {op} a',globals())
    t(divmod,a,x); t(divmod,x,a); t(eval,'a==x',globals()); t(eval,'a!=x',globals()); t(eval,'a<x',globals()); t(eval,'x<=a',globals())
t(lambda:-a); t(lambda:+a); t(lambda:abs(-a)); t(lambda:abs(a)); t(bool,a); t(bool,timedelta()); t(str,a); t(str,-a); t(str,timedelta(1)); t(str,timedelta(2,microseconds=5)); t(repr,a); t(repr,-a); t(repr,timedelta()); print(hash(a)==hash(timedelta(3,5,7))); t(a.total_seconds); t(timedelta.max.total_seconds); t(timedelta.min.total_seconds); t(a.__reduce__); t(a.__getstate__) ; t(lambda:-timedelta.min); t(lambda:timedelta.max+timedelta.resolution); t(lambda:-timedelta.max); t(lambda:a*1.5); t(lambda:a/0.0); t(lambda:a/1.5); t(lambda:timedelta(microseconds=1)*0.5); t(lambda:timedelta(microseconds=3)*0.5); t(lambda:timedelta(microseconds=-3)/2); t(lambda:timedelta(microseconds=5)/2); t(lambda:a*float('nan')); t(setattr,a,'days',3); t(lambda:a.days.__class__); t(lambda:a*10**12); t(lambda:timedelta.max*2); t(lambda:timedelta.max//timedelta.resolution); t(lambda:timedelta.max/timedelta.resolution)
d=date(2020,3,15)
t(repr,d); t(str,d); t(d.isoformat); t(d.ctime); t(d.timetuple); t(d.toordinal); t(d.weekday); t(d.isoweekday); t(d.isocalendar); t(date(2021,1,3).isocalendar); t(date(2024,12,30).isocalendar); t(d.strftime,'%Y-%m-%d %H %f %z|%Z|%j%%'); t(d.strftime,''); t(d.strftime,1); t(d.strftime); t(d.strftime,'\ud800%Y'); t(d.strftime,'é%Y\0x'); t(format,d,''); t(format,d,'%d'); t(d.__format__,1); t(d.__format__); t(date(99,1,2).strftime,'%Y %G %F %C %y'); t(date(9,12,31).strftime,'%G-%V %Y'); t(d.strftime,format='%m')
t(d.replace); t(d.replace,2021); t(d.replace,day=31); t(d.replace,day=32); t(d.replace,month=2,day=30); t(d.replace,x=1); t(d.replace,'a'); t(d.replace,None); t(d.__replace__,year=3) if hasattr(d,'__replace__') else 0; t(d.__replace__,3) if hasattr(d,'__replace__') else 0; t(d.replace,1,2,3,4)
t(lambda:d+1); t(lambda:d+timedelta(1)); t(lambda:timedelta(1)+d); t(lambda:d-timedelta(1)); t(lambda:d-date(2020,1,1)); t(lambda:timedelta(1)-d); t(lambda:d-1); t(lambda:date.max+timedelta(1)); t(lambda:date.min-timedelta(1)); t(lambda:d+timedelta(hours=23)); t(lambda:d-datetime(2020,1,1)); t(lambda:datetime(2020,1,1)-d); t(lambda:d+d)
for x in (date(2020,3,15),date(2021,1,1),datetime(2020,3,15),1,None,'a'):
    for op in ('==','!=','<','<=','>','>='): t(eval,f'd {op} x',globals()); t(eval,f'x {op} d',globals())
t(date.fromtimestamp,0); t(date.fromtimestamp,1e20); t(date.fromtimestamp,'a'); t(date.fromtimestamp,None); t(date.fromtimestamp,float('nan')); t(date.fromtimestamp,float('inf')); t(date.fromtimestamp,2**70); t(date.fromtimestamp,10**12); t(date.fromtimestamp); 
t(date.fromordinal,1); t(date.fromordinal,0); t(date.fromordinal,-1); t(date.fromordinal,10**7); t(date.fromordinal,3652059); t(date.fromordinal,'a'); t(date.fromordinal,1.0); 
for s in ('2020-01-02','20200102','2020-W01-1','2020W011','2020-W01','2020W01','2020-01','2020','2020-1-2','','2020-13-01','2020-02-30','2020-W54-1','2020-W53-1','2021-W53-1','2020-W01-8','2020-W01-0','2020-W00-1','0000-01-01','é020-01-02','2020-01-02 ','2020-01-02T','2020-01-0a','2020/01/02','2020-0102','202001-02','2020-W0-1','2020-W01-1a','9999-12-31','0001-W01-1','9999-W53-1','9999-W52-5','9999-W52-6',1,None,b'2020-01-02','２020-01-02','+020-01-02','2020--1-01'):
    t(date.fromisoformat,s)
t(date.fromisocalendar,2020,1,1); t(date.fromisocalendar,2020,54,1); t(date.fromisocalendar,2020,0,1); t(date.fromisocalendar,2020,1,8); t(date.fromisocalendar,0,1,1); t(date.fromisocalendar,10000,1,1); t(date.fromisocalendar,'a',1,1); t(date.fromisocalendar,2020,1); t(date.fromisocalendar,year=2020,week=1,day=3); t(date.fromisocalendar,2**40,1,1); t(date.fromisocalendar,2020,1.5,1); t(date.fromisocalendar,9999,53,1)
i=d.isocalendar(); t(lambda:i.year,); t(lambda:(i.year,i.week,i.weekday)); t(repr,i); t(str,i); t(lambda:i==(2020,11,7)); t(i.__reduce__); t(type(i)); t(type(i),1,2,3); t(lambda:pickle.loads(pickle.dumps(i))); t(lambda:i[1:]); t(lambda:type(i).__name__+type(i).__module__); t(tuple,i); t(len,i)
t(d.__reduce__); t(pickle.loads,pickle.dumps(d)); t(copy.copy,d); t(copy.deepcopy,d); t(date,b'\x07\xe4\x03\x0f'); t(date,b'\x07\xe4\x0d\x0f'); t(date,b'abc'); t(date,'\x07\xe4\x03\x0f'); t(date,'abcd'); t(date,'\x07\u0444\x03\x0f'); print(hash(d)==hash(date(2020,3,15))); t(d.strptime,'2020','%Y') if hasattr(d,'strptime') else 0; t(date,b'\0\0\1\1'); t(date,b'\x07\xe4\x03\xff')
class DD(date):
    def __new__(cls,*a,**k):
        return super().__new__(cls,*a,**k)
t(DD,2020,1,1); t(DD(2020,1,1).replace,day=5); t(lambda:DD(2020,1,1)+timedelta(1)); t(DD.today().__class__); t(type,DD.fromordinal(5)); t(lambda:pickle.loads(pickle.dumps(DD(2020,1,1)))); t(type,DD.fromisoformat('2020-01-01')); t(DD.min)
