#include "engine/skill/markdown_references.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

class TestMarkdownReferences : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsClearPaths_data();
    void findsClearPaths();
    void leavesOutWhatIsNotClear_data();
    void leavesOutWhatIsNotClear();
    void tellsWhereAndWhatKind();
};

void TestMarkdownReferences::findsClearPaths_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QStringList>("paths");

    const auto row = [](const char *text, const QStringList &paths) {
        QTest::newRow(text) << QByteArray(text) << paths;
    };
    row("See [the guide](references/guide.md).", {u"references/guide.md"_s});
    row("[a](README.md) and [b](./docs/b.md#part)", {u"README.md"_s, u"docs/b.md"_s});
    row("![chart](assets/chart.svg \"A chart\")", {u"assets/chart.svg"_s});
    row("[a](<docs/b.md>)", {u"docs/b.md"_s});
    row("[a](docs/b%20c.md)", {u"docs/b c.md"_s});
    row("Run `python scripts/main.py --all`.", {u"scripts/main.py"_s});
    row("Run `python3 ./scripts/main.py`.", {u"scripts/main.py"_s});
    row("Run `scripts/clean.sh INPUT`.", {u"scripts/clean.sh"_s});
    row("Run ``uv run scripts/a.py``.", {u"scripts/a.py"_s});
    row("- item\n    [a](docs/b.md)", {u"docs/b.md"_s});
    row("```\ncode\n```\n[a](docs/b.md)", {u"docs/b.md"_s});
    row("<!-- no --> [a](docs/b.md)", {u"docs/b.md"_s});
}

void TestMarkdownReferences::findsClearPaths()
{
    QFETCH(QByteArray, text);
    QStringList paths;
    for (const MarkdownReference &reference : markdownReferences(text))
        paths += reference.path;
    QTEST(paths, "paths");
}

void TestMarkdownReferences::leavesOutWhatIsNotClear_data()
{
    QTest::addColumn<QByteArray>("text");
    for (const char *text : {"[a](https://example.org/a.md)",
                             "[a](mailto:a@example.org)",
                             "[a](/etc/hosts.md)",
                             "[a](#part)",
                             "[a](url)",
                             "[a](path/to/file.md)",
                             "[a](../other/SKILL.md)",
                             "[a](~/notes.md)",
                             "[a]($HOME/notes.md)",
                             "[a](docs/*.md)",
                             "[a](docs/{name}.md)",
                             "[a](<your file>.md)",
                             "[a](docs/)",
                             "[a](example.com)",
                             "[a](www.example.org/index.html)",
                             "[a](docs/...)",
                             "[a]()",
                             "[a](docs//b.md)",
                             "[a](docs/%2e%2e/b.md)",
                             "[a](docs/%00.md)",
                             "\\[a\\](docs/b.md",
                             "[a](docs/b.md",
                             "`[a](docs/b.md)`",
                             "``[a](docs/b.md) ` ``",
                             "```\n[a](docs/b.md)\n```",
                             "~~~~\n[a](x/b.md)\n~~~\n[b](x/c.md)\n~~~~",
                             "  ```md\n  [a](docs/b.md)\n  ```",
                             "\n    [a](docs/b.md)",
                             "<!-- [a](docs/b.md) -->",
                             "<!--\n[a](docs/b.md)\n-->",
                             "Name it `scripts/rotate.py`, for example.",
                             "`cat scripts/a.py`",
                             "`python main.py`",
                             "`python scripts/<name>.py`",
                             "`import scripts/a.py`",
                             "`python scripts/a.py",
                             "scripts/a.py"}) {
        QTest::newRow(text) << QByteArray(text);
    }
}

void TestMarkdownReferences::leavesOutWhatIsNotClear()
{
    QFETCH(QByteArray, text);
    QVERIFY(markdownReferences(text).isEmpty());
}

void TestMarkdownReferences::tellsWhereAndWhatKind()
{
    const QByteArray text = "[a](docs/b.md) `bash scripts/c.sh -x`";
    const auto references = markdownReferences(text);
    QCOMPARE(references.size(), 2);
    QCOMPARE(references[0].kind, MarkdownReference::Kind::Link);
    QCOMPARE(text.sliced(references[0].start, references[0].end - references[0].start),
             "docs/b.md");
    QCOMPARE(references[1].kind, MarkdownReference::Kind::Command);
    QCOMPARE(text.sliced(references[1].start, references[1].end - references[1].start),
             "scripts/c.sh");
}

QTEST_GUILESS_MAIN(TestMarkdownReferences)
#include "test_markdown_references.moc"
