#include "engine/skill/lint.h"
#include "engine/skill/rules.h"
#include "tests/support/tree_fixture.h"

#include <QSet>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

using Tree = QMap<QString, QByteArray>;

const QByteArray minimal = "---\nname: word-counter\ndescription: Counts words when asked.\n---\n";

QStringList texts(const QList<Finding> &findings)
{
    QStringList lines;
    for (const Finding &finding : findings)
        lines += toText(finding);
    return lines;
}

/// `id file:line` of each finding.
QStringList places(const QList<Finding> &findings)
{
    QStringList list;
    for (const Finding &finding : findings)
        list += u"%1 %2:%3"_s.arg(finding.id, finding.file).arg(finding.range.line);
    return list;
}

} // namespace

class TestLint : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void acceptsReasonableSkills_data();
    void acceptsReasonableSkills();
    void finds_data();
    void finds();
    void givesTheSpecificationsVerdict_data();
    void givesTheSpecificationsVerdict();
    void explainsMoreThanTheVerdict();
    void comparesTheNameWithTheFolder();
    void ignoresTheFoldersNameWhereItIsArbitrary();
    void reportsAFolderThatIsNotThere();
    void reportsASkillFileThatIsAFolder();
    void doesNotWaitForAPipe();
    void reportsASkillFileThatIsTooLarge();
    void reportsLinks();
    void knowsItsProfiles();
    void idsAreUniqueAndWellFormed();

private:
    QString writeTree(const Tree &tree);

    std::unique_ptr<QTemporaryDir> m_temporary;
};

void TestLint::init()
{
    m_temporary = std::make_unique<QTemporaryDir>();
    QVERIFY(m_temporary->isValid());
}

QString TestLint::writeTree(const Tree &tree)
{
    const QString folder = m_temporary->filePath(u"word-counter"_s);
    QDir().mkpath(folder);
    for (auto file = tree.cbegin(); file != tree.cend(); ++file)
        test::writeFile(folder + u'/' + file.key(), file.value());
    return folder;
}

void TestLint::acceptsReasonableSkills_data()
{
    QTest::addColumn<Tree>("tree");

    QTest::newRow("instructions only") << Tree{{u"SKILL.md"_s, minimal + "Text.\n"}};
    QTest::newRow("script by convention")
        << Tree{{u"SKILL.md"_s, minimal + "Run `python scripts/main.py --top 5`.\n"},
                {u"scripts/main.py"_s, "#!/usr/bin/env python3\nprint(1)\n"}};
    QTest::newRow("runtime dialect")
        << Tree{{u"SKILL.md"_s,
                 "---\nname: word-counter\nversion: 1.2.0\ndescription: Counts words when "
                 "asked.\nlang: bash\n"
                 "image: bash:5\ntimeout: 10s\nresources:\n  cpu: 0.5\n  memory: 64Mi\n"
                 "mode: executable\nentrypoint: tools/count.sh\n---\nText.\n"},
                {u"tools/count.sh"_s, "echo 1\n"}};
    QTest::newRow("references and schemas")
        << Tree{{u"SKILL.md"_s, minimal + "[g](references/g.md) ![c](assets/c.png)\n"},
                {u"references/g.md"_s, "See [this](nothing.md).\n"},
                {u"assets/c.png"_s, "png"},
                {u"schemas/input.json"_s, "{\"type\": \"object\"}\n"},
                {u"schemas/output.json"_s, "{}"}};
    QTest::newRow("text about other files") << Tree{
        {u"SKILL.md"_s,
         minimal
             + "Write `scripts/build.py`, link it as `[x](docs/x.md)`, read "
               "[the site](https://example.org/x.md).\n\n```sh\npython scripts/no.py\n```\n"},
        {u"scripts/main.py"_s, "print(1)\n"}};
    QTest::newRow("windows text") << Tree{{u"SKILL.md"_s,
                                           QByteArray(minimal).replace("\n", "\r\n")},
                                          {u"scripts/main.py"_s, "print(1)\r\n"}};
    QTest::newRow("other scripts in other languages")
        << Tree{{u"SKILL.md"_s,
                 "---\nname: word-counter\ndescription: Counts when asked.\nlang: "
                 "python\n---\n`scripts/a.sh x`\n"},
                {u"main.py"_s, ""},
                {u"scripts/a.sh"_s, ""}};
}

void TestLint::acceptsReasonableSkills()
{
    QFETCH(Tree, tree);
    QCOMPARE(texts(lintDirectory(writeTree(tree))), QStringList());
}

void TestLint::finds_data()
{
    QTest::addColumn<Tree>("tree");
    QTest::addColumn<QStringList>("expected");

    const QByteArray fields = "---\nname: word-counter\ndescription: Counts words when asked.\n";
    const auto skillFile = [](const QByteArray &text) { return Tree{{u"SKILL.md"_s, text}}; };

    QTest::newRow("no SKILL.md") << Tree{{u"README.md"_s, ""}}
                                 << QStringList{u"SBX-SPEC001 SKILL.md:0"_s};
    QTest::newRow("lower case") << Tree{{u"skill.md"_s, minimal + "Text.\n"}}
                                << QStringList{u"SBX-SPEC031 skill.md:0"_s};
    QTest::newRow("declared entrypoint missing")
        << skillFile(fields + "entrypoint: scripts/gone.py\n---\nText.\n")
        << QStringList{u"SBX-META013 SKILL.md:4"_s};
    QTest::newRow("no interpreter for the entrypoint")
        << Tree{{u"SKILL.md"_s, fields + "entrypoint: tools/count\n---\nText.\n"},
                {u"tools/count"_s, ""}}
        << QStringList{u"SBX-META013 SKILL.md:4"_s};
    QTest::newRow("language disagrees")
        << Tree{{u"SKILL.md"_s, fields + "lang: node\n---\n"}, {u"main.py"_s, ""}}
        << QStringList{u"SBX-META014 SKILL.md:4"_s};
    QTest::newRow("nothing to execute")
        << skillFile(fields + "metadata:\n  skillbox.mode: executable\n---\nText.\n")
        << QStringList{u"SBX-META015 SKILL.md:5"_s};
    QTest::newRow("broken link") << skillFile(minimal + "\n[a](references/a.md)\n")
                                 << QStringList{u"SBX-REF001 SKILL.md:6"_s};
    QTest::newRow("command for a missing script") << skillFile(minimal + "`python scripts/a.py`\n")
                                                  << QStringList{u"SBX-REF002 SKILL.md:5"_s};
    QTest::newRow("carriage return in #! line")
        << Tree{{u"SKILL.md"_s, minimal}, {u"scripts/a.sh"_s, "#!/bin/sh\r\necho\r\n"}}
        << QStringList{u"SBX-SCR001 scripts/a.sh:1"_s};
    QTest::newRow("schema is not JSON")
        << Tree{{u"SKILL.md"_s, minimal}, {u"main.py"_s, ""}, {u"schemas/input.json"_s, "{"}}
        << QStringList{u"SBX-IO001 schemas/input.json:0"_s};
    QTest::newRow("schema is no object")
        << Tree{{u"SKILL.md"_s, minimal}, {u"main.py"_s, ""}, {u"schemas/output.json"_s, "[]"}}
        << QStringList{u"SBX-IO001 schemas/output.json:0"_s};
    QTest::newRow("schema is too large")
        << Tree{{u"SKILL.md"_s, minimal},
                {u"main.py"_s, ""},
                {u"schemas/input.json"_s, "{" + QByteArray(1 << 20, ' ') + "}"}}
        << QStringList{u"SBX-IO001 schemas/input.json:0"_s};
    QTest::newRow("several, in the order of their places")
        << Tree{{u"SKILL.md"_s,
                 "---\nname: word-counter\nversion: 1\ncolour: red\n---\n[a](b/c.md)\n"},
                {u"schemas/input.json"_s, "3"}}
        << QStringList{u"SBX-SPEC027 SKILL.md:2"_s, u"SBX-META002 SKILL.md:3"_s,
                       u"SBX-SPEC030 SKILL.md:4"_s, u"SBX-REF001 SKILL.md:6"_s,
                       u"SBX-IO001 schemas/input.json:0"_s};
}

void TestLint::finds()
{
    QFETCH(Tree, tree);
    const auto findings = lintDirectory(writeTree(tree));
    QTEST(places(findings), "expected");
}

void TestLint::givesTheSpecificationsVerdict_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QStringList>("errors");

    const auto row = [](const char *title, const QByteArray &text, const QStringList &errors) {
        QTest::newRow(title) << text << errors;
    };
    const QByteArray fields = "---\nname: word-counter\ndescription: b\n";
    row("minimal", minimal, {});
    row("every field",
        fields
            + "license: MIT\ncompatibility: c\nmetadata:\n  skillbox.timeout: soon\n  version: x\n"
              "allowed-tools:\n  - Read\n---\n[a](gone.md)\n",
        {});
    row("runtime fields", fields + "version: 1.0.0\nlang: python\n---\n",
        {u"SBX-SPEC032"_s, u"SBX-SPEC032"_s});
    row("unknown field", fields + "author: a\n---\n", {u"SBX-SPEC030"_s});
    row("name differs from the folder", "---\nname: counter\ndescription: b\n---\n",
        {u"SBX-SPEC026"_s});
    row("capitals", "---\nname: Word-Counter\ndescription: b\n---\n",
        {u"SBX-SPEC025"_s, u"SBX-SPEC026"_s});
    row("underscore", "---\nname: word_counter\ndescription: b\n---\n",
        {u"SBX-SPEC025"_s, u"SBX-SPEC026"_s});
    row("full-width letters are letters",
        QByteArray("---\nname: \xEF\xBD\x97ord-counter\n"
                   "description: b\n---\n"),
        {});
    row("other letters", "---\nname: données-数据\ndescription: b\n---\n", {u"SBX-SPEC026"_s});
    row("no description", "---\nname: word-counter\n---\n", {u"SBX-SPEC027"_s});
    row("long description",
        "---\nname: word-counter\ndescription: " + QByteArray(1025, 'x') + "\n---\n",
        {u"SBX-SPEC028"_s});
    row("long compatibility", fields + "compatibility: " + QByteArray(501, 'x') + "\n---\n",
        {u"SBX-SPEC029"_s});
    row("compatibility of 500", fields + "compatibility: " + QByteArray(500, 'x') + "\n---\n", {});
    row("tools as fields", fields + "allowed-tools:\n  a: b\n---\n", {u"SBX-SPEC021"_s});
    row("brackets", fields + "allowed-tools: [Read]\n---\n", {u"SBX-SPEC020"_s});
    row("blank line first", "\n" + minimal, {u"SBX-SPEC008"_s});
    row("byte order mark", "\xEF\xBB\xBF" + minimal, {u"SBX-SPEC007"_s});
    row("carriage returns", QByteArray(minimal).replace("\n", "\r\n"), {});
}

void TestLint::givesTheSpecificationsVerdict()
{
    QFETCH(QByteArray, text);
    QStringList errors;
    for (const Finding &finding :
         lintDirectory(writeTree({{u"SKILL.md"_s, text}}), LintProfile::AgentSkills)) {
        if (finding.severity == Severity::Error)
            errors += finding.id;
        else
            QCOMPARE(finding.severity, Severity::Info);
    }
    errors.sort();
    QTEST(errors, "errors");
}

void TestLint::explainsMoreThanTheVerdict()
{
    // The reference takes the first of them; a note says what it does not.
    const QString folder = writeTree({{u"skill.md"_s,
                                       "---\nname: word-counter\ndescription: Counts words.\n---\n"
                                       "See [this](gone.md).\n"}});
    const auto findings = lintDirectory(folder, LintProfile::AgentSkills);
    QVERIFY(!hasAtLeast(findings, Severity::Warning));
    QStringList notes;
    for (const Finding &finding : findings)
        notes += finding.id;
    for (const char *id : {"SBX-SPEC031", "SBX-REF001"})
        QVERIFY2(notes.contains(QLatin1StringView(id)), qPrintable(notes.join(u' ')));
    for (const RuleInfo &rule : allRules())
        QVERIFY2(rule.agentSkills != Severity::Warning, rule.id);
}

void TestLint::comparesTheNameWithTheFolder()
{
    const QString folder = writeTree(
        {{u"SKILL.md"_s, "---\nname: other\ndescription: Counts when asked.\n---\nText.\n"}});
    for (const QString &spelling : {folder, folder + u'/', folder + u"/."_s}) {
        const auto findings = lintDirectory(spelling);
        QCOMPARE(places(findings), QStringList{u"SBX-SPEC026 SKILL.md:2"_s});
        QCOMPARE(findings[0].severity, Severity::Info);
    }
}

void TestLint::ignoresTheFoldersNameWhereItIsArbitrary()
{
    const QString folder = writeTree(
        {{u"SKILL.md"_s, "---\nname: other\ndescription: Counts when asked.\n---\nText.\n"}});
    QCOMPARE(texts(lintDirectory(folder, LintProfile::Skillbox, FolderName::Arbitrary)),
             QStringList());
}

void TestLint::reportsAFolderThatIsNotThere()
{
    const auto findings = lintDirectory(m_temporary->filePath(u"gone"_s));
    QCOMPARE(places(findings), QStringList{u"SBX-SPEC001 SKILL.md:0"_s});
    QVERIFY(findings[0].message.contains(u"gone"_s));
}

void TestLint::reportsASkillFileThatIsAFolder()
{
    const QString folder = writeTree({{u"SKILL.md/x"_s, ""}});
    QCOMPARE(places(lintDirectory(folder)), QStringList{u"SBX-SPEC002 SKILL.md:0"_s});
}

void TestLint::doesNotWaitForAPipe()
{
    const QString folder = writeTree({{u"x"_s, ""}});
    QCOMPARE(::mkfifo(QFile::encodeName(folder + u"/SKILL.md"_s).constData(), 0600), 0);
    const auto findings = lintDirectory(folder);
    QVERIFY(hasErrors(findings));
    QVERIFY(places(findings).contains(u"SBX-SPEC002 SKILL.md:0"_s));
}

void TestLint::reportsASkillFileThatIsTooLarge()
{
    const QString folder = writeTree({{u"SKILL.md"_s, minimal + QByteArray(10 << 20, 'x')}});
    QVERIFY(places(lintDirectory(folder)).contains(u"SBX-SPEC003 SKILL.md:0"_s));
}

void TestLint::reportsLinks()
{
    const QString folder = writeTree({{u"SKILL.md"_s, minimal + "Text.\n"}});
    QCOMPARE(::symlink("/etc/passwd", QFile::encodeName(folder + u"/data"_s).constData()), 0);
    const auto findings = lintDirectory(folder);
    QCOMPARE(findings.size(), 1);
    QCOMPARE(findings[0].id, u"SBX-PKG001"_s);
    QVERIFY2(findings[0].message.contains(u"data"_s), qPrintable(findings[0].message));
}

void TestLint::knowsItsProfiles()
{
    QVERIFY(lintProfileFromName(u"skillbox") == LintProfile::Skillbox);
    QVERIFY(lintProfileFromName(u"agentskills") == LintProfile::AgentSkills);
    QVERIFY(!lintProfileFromName(u"Skillbox"));
}

void TestLint::idsAreUniqueAndWellFormed()
{
    static const QRegularExpression form(
        u"\\ASBX-(SPEC|META|REF|SCR|IO|DEP|SEC|PI|OBF|NET|PRIV|PKG)"
        "[0-9]{3}\\z"_s);
    QSet<QString> seen;
    for (const RuleInfo &rule : allRules()) {
        const QString id = QLatin1StringView(rule.id);
        QVERIFY2(form.match(id).hasMatch(), rule.id);
        QVERIFY2(!seen.contains(id), rule.id);
        QVERIFY2(rule.skillbox || rule.agentSkills, rule.id);
        seen.insert(id);
    }
}

QTEST_GUILESS_MAIN(TestLint)
#include "test_lint.moc"
