/* Scores of search results: those of Sphinx, but pages of modules, of which there are many, come after all others. */
var Scorer = {
  score: ([docname, title, anchor, descr, score]) =>
    docname.startsWith("reference/_generated/api/") ? score - 1000 : score,
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
