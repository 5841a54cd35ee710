#include "engine/skill/entrypoint.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

class TestEntrypoint : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void picksTheFirstDefaultInOrder();
    void prefersTheDeclaredLanguage();
    void languagePicksTheInterpreter();
    void findsNothingInInstructions();
    void takesTheDeclaredScript();
    void refusesADeclaredScriptThatIsMissing();
    void refusesADeclaredScriptWithoutInterpreter();
    void runsANamedScriptByItsExtension();
    void refusesNamedScripts_data();
    void refusesNamedScripts();
    void infersTheMode();
};

void TestEntrypoint::picksTheFirstDefaultInOrder()
{
    const QStringList order{u"main.py"_s,          u"run.py"_s,           u"main.js"_s,
                            u"run.js"_s,           u"index.js"_s,         u"main.mjs"_s,
                            u"main.sh"_s,          u"run.sh"_s,           u"scripts/main.py"_s,
                            u"scripts/run.py"_s,   u"scripts/main.js"_s,  u"scripts/run.js"_s,
                            u"scripts/index.js"_s, u"scripts/main.mjs"_s, u"scripts/main.sh"_s,
                            u"scripts/run.sh"_s};
    for (qsizetype first = 0; first < order.size(); ++first) {
        QStringList files = order.sliced(first);
        std::reverse(files.begin(), files.end());
        const auto found = findEntrypoint(Manifest(), files);
        QVERIFY(found && *found);
        QCOMPARE((*found)->path, order[first]);
        QCOMPARE((*found)->language, *languageOfScript(order[first]));
    }
}

void TestEntrypoint::prefersTheDeclaredLanguage()
{
    Manifest manifest;
    manifest.language = Language::Node;
    const auto found = findEntrypoint(manifest, {u"main.py"_s, u"scripts/main.js"_s});
    QVERIFY(found && *found);
    QCOMPARE((*found)->path, u"scripts/main.js"_s);
}

void TestEntrypoint::languagePicksTheInterpreter()
{
    Manifest manifest;
    manifest.language = Language::Bash;
    const auto found = findEntrypoint(manifest, {u"main.py"_s});
    QVERIFY(found && *found);
    QCOMPARE((*found)->path, u"main.py"_s);
    QCOMPARE((*found)->language, Language::Bash);
}

void TestEntrypoint::findsNothingInInstructions()
{
    const auto found = findEntrypoint(
        Manifest(), {u"SKILL.md"_s, u"scripts/helper.py"_s, u"references/main.py"_s});
    QVERIFY(found);
    QVERIFY(!*found);
}

void TestEntrypoint::takesTheDeclaredScript()
{
    Manifest manifest;
    manifest.entrypoint = u"tools/count"_s;
    manifest.language = Language::Python;
    const auto found = findEntrypoint(manifest, {u"main.sh"_s, u"tools/count"_s});
    QVERIFY(found && *found);
    QCOMPARE((*found)->path, u"tools/count"_s);
    QCOMPARE((*found)->language, Language::Python);
}

void TestEntrypoint::refusesADeclaredScriptThatIsMissing()
{
    Manifest manifest;
    manifest.entrypoint = u"scripts/gone.py"_s;
    const auto found = findEntrypoint(manifest, {u"main.py"_s});
    QVERIFY(!found);
    QCOMPARE(found.error().code, ErrorCode::InvalidSkill);
    QVERIFY(found.error().message.contains(u"scripts/gone.py"_s));
}

void TestEntrypoint::refusesADeclaredScriptWithoutInterpreter()
{
    Manifest manifest;
    manifest.entrypoint = u"tools/count"_s;
    const auto found = findEntrypoint(manifest, {u"tools/count"_s});
    QVERIFY(!found);
    QCOMPARE(found.error().code, ErrorCode::InvalidSkill);
}

void TestEntrypoint::runsANamedScriptByItsExtension()
{
    Manifest manifest;
    manifest.language = Language::Python;
    const QStringList files{u"main.py"_s, u"scripts/clean.sh"_s, u"tools/count"_s};
    const auto script = namedEntrypoint(manifest, files, u"./scripts/clean.sh"_s);
    QVERIFY(script);
    QCOMPARE(script->path, u"scripts/clean.sh"_s);
    QCOMPARE(script->language, Language::Bash);
    const auto plain = namedEntrypoint(manifest, files, u"tools/count"_s);
    QVERIFY(plain);
    QCOMPARE(plain->language, Language::Python);
}

void TestEntrypoint::refusesNamedScripts_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<ErrorCode>("code");

    QTest::newRow("absent") << u"gone.py"_s << ErrorCode::NotFound;
    QTest::newRow("empty") << QString() << ErrorCode::NotFound;
    QTest::newRow("folder") << u"tools/"_s << ErrorCode::NotFound;
    QTest::newRow("absolute") << u"/etc/passwd"_s << ErrorCode::NotFound;
    QTest::newRow("parent") << u"tools/../main.py"_s << ErrorCode::NotFound;
    QTest::newRow("no interpreter") << u"tools/count"_s << ErrorCode::BadRequest;
}

void TestEntrypoint::refusesNamedScripts()
{
    QFETCH(QString, path);
    const auto script = namedEntrypoint(Manifest(), {u"main.py"_s, u"tools/count"_s}, path);
    QVERIFY(!script);
    QTEST(script.error().code, "code");
}

void TestEntrypoint::infersTheMode()
{
    Manifest manifest;
    QCOMPARE(effectiveMode(manifest, std::nullopt), SkillMode::Cognitive);
    QCOMPARE(effectiveMode(manifest, Entrypoint{u"main.py"_s, Language::Python}),
             SkillMode::Executable);
    manifest.mode = SkillMode::Cognitive;
    QCOMPARE(effectiveMode(manifest, Entrypoint{u"main.py"_s, Language::Python}),
             SkillMode::Cognitive);
}

QTEST_GUILESS_MAIN(TestEntrypoint)
#include "test_entrypoint.moc"
