"""The browser page: a scenario that can be watched, stepped, disrupted by hand and compared with a variant of itself.

`show` runs the models, `parameters` offers what can be changed, `book`, `figures_of_merit`, `map_chart` and
`time_charts` say what is to be seen, and `components` draws it with Solara; `serve` is the local server. Everything
but `components` and `serve` works without Solara.
"""
