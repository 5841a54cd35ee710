#include "engine/skill/manifest.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

class TestManifestEdit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void changesOneFieldAndNoOtherByte_data();
    void changesOneFieldAndNoOtherByte();
    void writesValuesThatReadBack_data();
    void writesValuesThatReadBack();
    void refuses_data();
    void refuses();
};

void TestManifestEdit::changesOneFieldAndNoOtherByte_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QByteArray>("after");

    const auto row = [](const char *title, const char *before, const char *key, const char *value,
                        const char *after) {
        QTest::newRow(title) << QByteArray(before) << QString::fromUtf8(key)
                             << QString::fromUtf8(value) << QByteArray(after);
    };
    row("plain", "---\nname: a # why\nx: y\n---\nBody\n", "name", "b",
        "---\nname: b # why\nx: y\n---\nBody\n");
    row("double quotes stay", "---\nversion:   \"1.0.0\"  # v\n---\n", "version", "1.0.1",
        "---\nversion:   \"1.0.1\"  # v\n---\n");
    row("single quotes stay", "---\nname: 'it''s'\n---\n", "name", "that's",
        "---\nname: 'that''s'\n---\n");
    row("quoted key", "---\n\"name\" : a\n---\n", "name", "b", "---\n\"name\" : b\n---\n");
    row("block text", "---\ndescription: >-\n  one\n  two\n\n# note\nname: a\n---\n", "description",
        "three", "---\ndescription: three\n\n# note\nname: a\n---\n");
    row("block text that keeps line ends", "---\ndescription: |+\n  one\n\nname: a\n---\n",
        "description", "two", "---\ndescription: two\nname: a\n---\n");
    row("block text before an indented comment", "---\nx: |\n    one\n  # note\ny: z\n---\n", "x",
        "two", "---\nx: two\n  # note\ny: z\n---\n");
    row("text over several lines", "---\nname: one\n  two # end\nx: y\n---\n", "name", "three",
        "---\nname: three # end\nx: y\n---\n");
    row("empty value", "---\nname: # none yet\nx: y\n---\n", "name", "a",
        "---\nname: a # none yet\nx: y\n---\n");
    row("null", "---\nname: ~\nx: y\n---\n", "name", "a", "---\nname: a\nx: y\n---\n");
    row("null before a key called null", "---\nname:\nnull: y\n---\n", "name", "a",
        "---\nname: a\nnull: y\n---\n");
    row("added at the end", "---\nname: a\n# end\n---\nBody", "version", "1.0.0",
        "---\nname: a\n# end\nversion: 1.0.0\n---\nBody");
    row("added with the others' indentation", "---\n  name: a\n---\n", "lang", "python",
        "---\n  name: a\n  lang: python\n---\n");
    row("added to an empty header", "---\n---\n", "name", "a", "---\nname: a\n---\n");
    row("carriage returns", "---\r\nname: a\r\nx: y\r\n---\r\n", "name", "b",
        "---\r\nname: b\r\nx: y\r\n---\r\n");
    row("added with carriage returns", "---\r\nname: a\r\n---\r\n", "mode", "cognitive",
        "---\r\nname: a\r\nmode: cognitive\r\n---\r\n");
    row("byte order mark and blank lines", "\xEF\xBB\xBF\n\n---\nname: a\n---\n", "name", "b",
        "\xEF\xBB\xBF\n\n---\nname: b\n---\n");
    row("other fields may be wrong", "---\nname: a\nversion: x\ntimeout: [1]\n---\n", "version",
        "1.0.0", "---\nname: a\nversion: 1.0.0\ntimeout: [1]\n---\n");
    row("key inside another value", "---\nmetadata:\n  version: 1\nx: \"version: 2\"\n---\n",
        "version", "1.0.0",
        "---\nmetadata:\n  version: 1\nx: \"version: 2\"\nversion: 1.0.0\n---\n");
    row("after collections", "---\nx: [a, b]\nname: c\ny: {d: e}\n---\n", "name", "f",
        "---\nx: [a, b]\nname: f\ny: {d: e}\n---\n");
}

void TestManifestEdit::changesOneFieldAndNoOtherByte()
{
    QFETCH(QByteArray, before);
    QFETCH(QString, key);
    QFETCH(QString, value);
    const auto changed = withManifestField(before, key, value);
    QVERIFY2(changed, qPrintable(changed ? QString() : changed.error().message));
    QTEST(*changed, "after");
}

void TestManifestEdit::writesValuesThatReadBack_data()
{
    QTest::addColumn<QString>("value");
    QTest::addColumn<QByteArray>("written");

    const auto row = [](const QString &value, const char *written) {
        QTest::newRow(written) << value << QByteArray(written);
    };
    row(u"Counts words, fast (really)."_s, "Counts words, fast (really).");
    row(u"a: b"_s, "\"a: b\"");
    row(u"a #b"_s, "\"a #b\"");
    row(u"*bold*"_s, "\"*bold*\"");
    row(u"- item"_s, "\"- item\"");
    row(u"yes"_s, "\"yes\"");
    row(u"null"_s, "\"null\"");
    row(u"1.0"_s, "\"1.0\"");
    row(u"2024-01-02"_s, "\"2024-01-02\"");
    row(u"1.0.0"_s, "1.0.0");
    row(u"60s"_s, "60s");
    row(u"256Mi"_s, "256Mi");
    row(u"one\ntwo\t\"three\""_s, "\"one\\ntwo\\t\\\"three\\\"\"");
    row(u"back\\slash"_s, "\"back\\\\slash\"");
    row(u"été 数据"_s, "été 数据");
    row(u"\U0001F600 smile"_s, "\"\U0001F600 smile\"");
    row(u"…"_s, "\"…\"");
}

void TestManifestEdit::writesValuesThatReadBack()
{
    QFETCH(QString, value);
    QFETCH(QByteArray, written);
    const auto changed = withManifestField("---\nname: a\n---\n", u"description"_s, value);
    QVERIFY(changed);
    QCOMPARE(*changed, "---\nname: a\ndescription: " + written + "\n---\n");
    QCOMPARE(requireManifest(*changed)->description, value);
}

void TestManifestEdit::refuses_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("reason");

    QTest::newRow("list") << QByteArray("---\nname: [a]\n---\n") << u"name"_s << u"holds a list"_s;
    QTest::newRow("mapping") << QByteArray("---\nmetadata:\n  a: b\n---\n") << u"metadata"_s
                             << u"holds a list or fields"_s;
    QTest::newRow("syntax") << QByteArray("---\nname: a: b\n---\n") << u"name"_s << u"colon"_s;
    QTest::newRow("duplicate") << QByteArray("---\nname: a\nname: b\n---\n") << u"name"_s
                               << u"twice"_s;
    QTest::newRow("no header") << QByteArray("# Title\n") << u"name"_s << u"three hyphens"_s;
    QTest::newRow("not a mapping")
        << QByteArray("---\n- a\n---\n") << u"name"_s << u"must be fields"_s;
    QTest::newRow("bad key") << QByteArray("---\nname: a\n---\n") << u"na me: x\n"_s
                             << u"is not a key"_s;
}

void TestManifestEdit::refuses()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, key);
    QFETCH(QString, reason);
    const auto changed = withManifestField(text, key, u"x"_s);
    QVERIFY(!changed);
    QVERIFY2(changed.error().message.contains(reason), qPrintable(changed.error().message));
}

QTEST_GUILESS_MAIN(TestManifestEdit)
#include "test_manifest_edit.moc"
