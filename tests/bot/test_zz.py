import structlog, sys, traceback
from tests.town import Town
def test_x(store):
    if store.lane.dialect=="sqlite": return
    import bot.conversation as c
    town=Town(store)
    orig=c._turn
    def t(*a):
        try: return orig(*a)
        except BaseException: traceback.print_exc(); raise
    c._turn=t
    town.phone().writes("hej"); 
    assert town.phone().writes("x")
