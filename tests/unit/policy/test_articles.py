"""The regulation's text contains every clause that the policy cites, in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from services.policy import load_builtin
from services.policy.articles import Article, Clause, articles_of

[TRIAL] = load_builtin()


def clauses(articles: tuple[Article, ...]) -> Iterator[Clause]:
    for article in articles:
        yield article.clause
        for item in article.clause.below:
            yield item
            yield from item.below


def test_every_clause_that_the_policy_cites_has_its_text() -> None:
    # Given every citation in the trial policy
    cited = re.findall(r'"(?:citation|id)": "(A[^"]+)"', json.dumps(TRIAL.to_dict()))
    named = {one for several in cited for one in several.split(", ")}
    assert len(named) > 40
    # Then each citation names a clause that the regulation's text contains
    assert named - {clause.id for clause in clauses(articles_of(TRIAL.id))} == set()


def test_every_article_is_there_in_order_and_in_both_languages() -> None:
    articles = articles_of(TRIAL.id)
    assert [article.number for article in articles] == list(range(1, TRIAL.articles + 1))
    for clause in clauses(articles):
        assert re.search("[一-鿿]", clause.text.zh), clause.id
        assert not re.search("[一-鿿]", clause.text.en), clause.id
        assert clause.text.en[0].isalpha(), clause.id


def test_anchors_are_stable_and_name_one_clause_each() -> None:
    anchors = {clause.id: clause.anchor for clause in clauses(articles_of(TRIAL.id))}
    assert anchors["A5"] == "A5"
    assert anchors["A5(2)"] == "A5-2"
    assert anchors["A5(2)3"] == "A5-2-3"
    assert len(set(anchors.values())) == len(anchors)


def test_the_words_of_the_rules_are_those_of_the_text() -> None:
    text = {clause.id: clause.text.zh for clause in clauses(articles_of(TRIAL.id))}
    assert "不低于30%" in text["A5(1)"]
    assert "核心层单位、紧密合作单位和一般协作层单位" in text["A5(3)1"]
    assert text["A5(4)4"].startswith("研发投入及经费管理制度")
    for ground in TRIAL.grounds:
        assert text[ground.code].rstrip("；。") == ground.text.zh or ground.code == "A13"


def test_a_policy_without_a_text_has_none() -> None:
    assert articles_of("another_policy") == ()
    assert articles_of("../policy/guangxi_trial") == ()
