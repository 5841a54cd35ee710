#include "engine/execution/environment.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

class EnvironmentTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void givesTheSkillWhatTheContractSays();
    void leavesOutWhatTheKernelWouldRefuse();
    void ownVariablesWinOverTheCallers();
    void refusesNames_data();
    void refusesNames();
    void allowsNames_data();
    void allowsNames();
    void refusesValuesThatCannotBePassed();
};

void EnvironmentTest::givesTheSkillWhatTheContractSays()
{
    const auto environment = skillEnvironment(*JsonText::parse(R"({"text":"ä"})"), u"Do it."_s,
                                              {{u"MODE"_s, u"fast"_s}});
    const QMap<QString, QString> expected{
        {u"HOME"_s, u"/tmp"_s},
        {u"MODE"_s, u"fast"_s},
        {u"SANDBOX_FILES_DIR"_s, u"/sandbox/out/files/"_s},
        {u"SANDBOX_INPUT"_s, u"{\"text\":\"ä\"}"_s},
        {u"SANDBOX_INPUT_DIR"_s, u"/sandbox/input/"_s},
        {u"SANDBOX_OUTPUT"_s, u"/sandbox/out/output.json"_s},
        {u"SKILL_INSTRUCTIONS"_s, u"Do it."_s},
    };
    QCOMPARE(environment, expected);
}

void EnvironmentTest::leavesOutWhatTheKernelWouldRefuse()
{
    const auto quoted = [](qsizetype bytes) {
        return *JsonText::parse('"' + QByteArray(bytes - 2, 'x') + '"');
    };
    QVERIFY(skillEnvironment(quoted(96 * 1024), {}, {}).contains(u"SANDBOX_INPUT"_s));
    QVERIFY(!skillEnvironment(quoted(96 * 1024 + 1), {}, {}).contains(u"SANDBOX_INPUT"_s));

    // Bytes count, not characters.
    const QString longest(96 * 1024 / 2, QChar(u'ä'));
    QVERIFY(skillEnvironment({}, longest, {}).contains(u"SKILL_INSTRUCTIONS"_s));
    QVERIFY(!skillEnvironment({}, longest + u'x', {}).contains(u"SKILL_INSTRUCTIONS"_s));
}

void EnvironmentTest::ownVariablesWinOverTheCallers()
{
    QCOMPARE(skillEnvironment({}, {}, {{u"HOME"_s, u"/root"_s}}).value(u"HOME"_s), u"/tmp"_s);
}

void EnvironmentTest::refusesNames_data()
{
    QTest::addColumn<QString>("name");
    for (const char *name : {"PATH",
                             "path",
                             "HOME",
                             "IFS",
                             "ENV",
                             "Env",
                             "BASH_ENV",
                             "LD_PRELOAD",
                             "ld_library_path",
                             "DYLD_INSERT_LIBRARIES",
                             "PYTHONPATH",
                             "PYTHON",
                             "pythonstartup",
                             "NODE_OPTIONS",
                             "PERL5LIB",
                             "RUBYOPT",
                             "GIT_DIR",
                             "SANDBOX_INPUT",
                             "sandbox_x",
                             "SKILL_INSTRUCTIONS",
                             "SKILL_",
                             "1A",
                             "A-B",
                             "A B",
                             "A=B",
                             "BASH_FUNC_x%%",
                             "A\nB"})
        QTest::newRow(name) << QString::fromLatin1(name);
    QTest::newRow("empty") << QString();
    QTest::newRow("not ASCII") << u"GRÖSSE"_s;
    QTest::newRow("full-width") << u"Ａ"_s;
}

void EnvironmentTest::refusesNames()
{
    QFETCH(QString, name);
    const auto refusal = environmentRefusal({{u"FINE"_s, u"1"_s}, {name, u"x"_s}});
    QVERIFY(refusal);
    QCOMPARE(*refusal, u"env var \"%1\" is not allowed"_s.arg(name));
}

void EnvironmentTest::allowsNames_data()
{
    QTest::addColumn<QString>("name");
    for (const char *name : {"A", "_", "a1_B", "PATHS", "MY_PATH", "HOMEPAGE", "ENVIRONMENT",
                             "NODE", "GIT", "LDAP_URL", "TZ", "LC_ALL", "SKILLS", "API_KEY"})
        QTest::newRow(name) << QString::fromLatin1(name);
}

void EnvironmentTest::allowsNames()
{
    QFETCH(QString, name);
    QVERIFY(!environmentRefusal({{name, u"any = value\n"_s}}));
}

void EnvironmentTest::refusesValuesThatCannotBePassed()
{
    const auto nul = environmentRefusal({{u"A"_s, QString(QChar(u'\0'))}});
    QVERIFY(nul && nul->contains(u"\"A\""_s) && nul->contains(u"NUL"_s));
    const auto tooLong = environmentRefusal({{u"A"_s, QString(maxVariableBytes + 1, u'x')}});
    QVERIFY(tooLong && tooLong->contains(u"\"A\""_s));
    QVERIFY(!environmentRefusal({{u"A"_s, QString(maxVariableBytes, u'x')}}));

    QMap<QString, QString> many;
    for (int i = 0; i < 6; ++i)
        many.insert(u"A%1"_s.arg(i), QString(maxVariableBytes, u'x'));
    const auto tooMuch = environmentRefusal(many);
    QVERIFY(tooMuch && tooMuch->contains(u"together"_s));
}

QTEST_GUILESS_MAIN(EnvironmentTest)
#include "test_environment.moc"
