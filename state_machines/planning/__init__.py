"""What a run will do, before it does it: steps and their order, what they touch, how long they take, what they cost.

`defaults` states durations where no run has measured them; `measured` holds those that journals tell; `estimate` adds
them up; `costs` are list prices; `plan` puts it together. Pure functions of the documents.
"""
