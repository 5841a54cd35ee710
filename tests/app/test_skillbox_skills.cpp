#include "tests/app/program.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QtTest>

using namespace Qt::StringLiterals;

namespace skillbox::test {

class TestSkillboxSkills : public QObject
{
    Q_OBJECT

    std::unique_ptr<Sandbox> m_sandbox;

    Finished run(const QString &line) { return m_sandbox->run(line.split(u' ')); }

    void compareWithGolden(const QString &name, const QString &text)
    {
        const QString difference = differenceFromGolden(name, normalised(text));
        QVERIFY2(difference.isEmpty(), qPrintable(difference));
    }

private Q_SLOTS:
    void init() { m_sandbox = std::make_unique<Sandbox>(); }

    void makesASkillThatLintsCleanAndRuns_data()
    {
        QTest::addColumn<QString>("language");
        QTest::newRow("python") << u"python"_s;
        QTest::newRow("node") << u"node"_s;
        QTest::newRow("bash") << u"bash"_s;
    }
    void makesASkillThatLintsCleanAndRuns()
    {
        QFETCH(QString, language);
        const Finished made = run(u"skill new my-skill --lang "_s + language);
        QCOMPARE(made.code, 0);
        QVERIFY2(made.out.startsWith(u"✔ Made my-skill/\n"_s), qPrintable(made.all()));

        for (const QString &profile : {u"skillbox"_s, u"agentskills"_s}) {
            const QJsonValue lint = run(u"skill lint my-skill -o json --profile "_s + profile)
                                        .json();
            QCOMPARE(lint[u"valid"_s], QJsonValue(true));
            QCOMPARE(lint[u"skills"_s][0][u"findings"_s].toArray(), QJsonArray());
        }
        const QJsonDocument test = QJsonDocument::fromJson(
            m_sandbox->read(u"my-skill/tests/example.json"_s));
        const QByteArray input = QJsonDocument(test[u"input"_s].toObject()).toJson();
        const QJsonValue result = m_sandbox
                                      ->run({u"run"_s, u"./my-skill"_s, u"--input"_s, u"-"_s,
                                             u"-o"_s, u"json"_s},
                                            input)
                                      .json();
        QCOMPARE(result[u"status"_s], test[u"expect"_s][u"status"_s]);
        QCOMPARE(result[u"output"_s], test[u"expect"_s][u"output"_s]);

        const Finished refused = m_sandbox->run(
            {u"run"_s, u"./my-skill"_s, u"--input"_s, u"{\"text\":1}"_s});
        QCOMPARE(refused.code, 1);
        QVERIFY2(refused.err.contains(u"/text must be of type string"_s),
                 qPrintable(refused.all()));
    }

    void newChangesNothingThatIsThere()
    {
        m_sandbox->write(u"mine/notes.txt"_s, "keep");
        const Finished refused = run(u"skill new mine"_s);
        QCOMPARE(refused.code, 1);
        QVERIFY2(refused.err.contains(u"'mine' is there already and is not empty"_s),
                 qPrintable(refused.err));
        QCOMPARE(QDir(m_sandbox->path(u"mine"_s)).entryList(QDir::Files),
                 QStringList{u"notes.txt"_s});

        QVERIFY(QDir().mkpath(m_sandbox->path(u"empty"_s)));
        QCOMPARE(run(u"skill new empty"_s).code, 0);
        QVERIFY(QFile::exists(m_sandbox->path(u"empty/SKILL.md"_s)));

        QCOMPARE(run(u"skill new deep --dir a/b"_s).code, 0);
        QVERIFY(QFile::exists(m_sandbox->path(u"a/b/deep/SKILL.md"_s)));
        // No scratch folder stays.
        QCOMPARE(QDir(m_sandbox->path({}))
                     .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot)
                     .size(),
                 3);
    }

    void newRefusesNamesThatAreNone_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("capitals") << u"Word"_s;
        QTest::newRow("path") << u"a/b"_s;
        QTest::newRow("upwards") << u".."_s;
        QTest::newRow("double hyphen") << u"a--b"_s;
        QTest::newRow("too long") << QString(65, u'a');
        QTest::newRow("empty") << QString();
    }
    void newRefusesNamesThatAreNone()
    {
        QFETCH(QString, name);
        const Finished refused = m_sandbox->run({u"skill"_s, u"new"_s, name});
        QCOMPARE(refused.code, 1);
        QVERIFY2(refused.err.startsWith(u"Error: "_s), qPrintable(refused.err));
        QVERIFY(QDir(m_sandbox->path({})).isEmpty());
    }

    void lintTellsFilesLinesAndIds()
    {
        m_sandbox->write(u"bad/SKILL.md"_s,
                         "---\nname: bad\ndescription: Text when asked.\nname: again\n---\nText\n");
        const Finished text = run(u"skill lint bad"_s);
        QCOMPARE(text.code, 1);
        QVERIFY2(text.out.contains(
                     QRegularExpression(u"bad/SKILL\\.md:4:1: error: .*\\[SBX-[A-Z]+\\d+\\]"_s)),
                 qPrintable(text.out));
        QVERIFY2(text.out.contains(u"✘ bad: "_s), qPrintable(text.out));

        const Finished json = run(u"skill lint bad --format json"_s);
        QCOMPARE(json.code, 1);
        const QJsonValue finding = json.json()[u"skills"_s][0][u"findings"_s][0];
        QCOMPARE(finding[u"severity"_s], QJsonValue(u"error"_s));
        QCOMPARE(finding[u"file"_s], QJsonValue(u"SKILL.md"_s));
        QCOMPARE(finding[u"line"_s], QJsonValue(4));
    }

    void lintGoesOnAfterAPathThatIsNotThere()
    {
        QCOMPARE(run(u"skill new good"_s).code, 0);
        const Finished lint = run(u"skill lint none good"_s);
        QCOMPARE(lint.code, 1);
        QCOMPARE(lint.err, u"Error: there is no file or folder 'none'\n"_s);
        QVERIFY(lint.out.contains(u"✔ good"_s));
    }

    void lintReadsArchives()
    {
        QCOMPARE(run(u"skill new zipped"_s).code, 0);
        QCOMPARE(run(u"skill package zipped"_s).code, 0);
        const Finished good = run(u"skill lint zipped-1.0.0.zip"_s);
        QCOMPARE(good.code, 0);
        QVERIFY2(good.out.startsWith(u"✔ zipped-1.0.0.zip"_s), qPrintable(good.all()));

        m_sandbox->write(u"not.zip"_s, "not a zip at all");
        const Finished bad = run(u"skill lint not.zip"_s);
        QCOMPARE(bad.code, 1);
        QVERIFY2(bad.err.startsWith(u"Error: "_s) && bad.err.contains(u"not.zip"_s),
                 qPrintable(bad.err));
    }

    void packagesTheSameBytesEachTime()
    {
        QCOMPARE(run(u"skill new pack"_s).code, 0);
        const Finished first = run(u"skill package pack"_s);
        QVERIFY2(first.out.startsWith(u"✔ pack-1.0.0.zip  5 files, "_s), qPrintable(first.all()));
        QCOMPARE(run(u"skill package pack --out dist.zip"_s).code, 0);
        QVERIFY(!m_sandbox->read(u"dist.zip"_s).isEmpty());
        QCOMPARE(m_sandbox->read(u"dist.zip"_s), m_sandbox->read(u"pack-1.0.0.zip"_s));

        QVERIFY(QDir().mkpath(m_sandbox->path(u"dist"_s)));
        const QJsonValue json = run(u"skill package pack --out dist -o json"_s).json();
        QCOMPARE(json[u"path"_s], QJsonValue(u"dist/pack-1.0.0.zip"_s));
        QCOMPARE(json[u"name"_s], QJsonValue(u"pack"_s));
        QCOMPARE(json[u"files"_s], QJsonValue(5));
    }

    void packageKeepsTheArchiveOutOfTheSkill()
    {
        QCOMPARE(run(u"skill new pack"_s).code, 0);
        const Finished inside = run(u"skill package pack --out pack/"_s);
        QCOMPARE(inside.code, 1);
        QVERIFY2(inside.err.contains(u"would lie inside the skill"_s), qPrintable(inside.err));
        QVERIFY(!QFile::exists(m_sandbox->path(u"pack/pack-1.0.0.zip"_s)));
        QCOMPARE(run(u"skill package pack --out nowhere/x.zip"_s).code, 1);
    }

    void packageRefusesWhatLintRefuses()
    {
        m_sandbox->write(u"bad/SKILL.md"_s, "---\nname: bad\n---\n");
        const Finished refused = run(u"skill package bad"_s);
        QCOMPARE(refused.code, 1);
        QVERIFY2(refused.err.contains(u"Error: 'bad' is not packaged: "_s),
                 qPrintable(refused.err));
        QCOMPARE(QDir(m_sandbox->path({})).entryList(QDir::Files), QStringList());
    }

    void publishesOnceAndKeepsVersionsAsTheyAre()
    {
        QCOMPARE(run(u"skill new pub"_s).code, 0);
        compareWithGolden(u"skill_push.txt"_s, run(u"skill push ./pub"_s).out);
        compareWithGolden(u"skill_push_again.txt"_s, run(u"skill push ./pub"_s).out);
        QCOMPARE(run(u"skill push ./pub -o json"_s).json()[u"created"_s], QJsonValue(false));

        m_sandbox->write(u"pub/extra.txt"_s, "more");
        const Finished changed = run(u"skill push ./pub"_s);
        QCOMPARE(changed.code, 1);
        QVERIFY2(changed.err.startsWith(u"Error: "_s), qPrintable(changed.err));
        QVERIFY2(changed.err.contains(u"raise `version` in SKILL.md"_s), qPrintable(changed.err));

        m_sandbox->write(u"bad/SKILL.md"_s, "---\nname: bad\n---\n");
        const Finished bad = run(u"skill push ./bad"_s);
        QCOMPARE(bad.code, 1);
        QVERIFY2(bad.err.contains(u"bad/SKILL.md"_s), qPrintable(bad.err));
        QCOMPARE(run(u"skill list --name bad -o json"_s).json().toArray(), QJsonArray());
    }

    void publishesAnArchive()
    {
        QCOMPARE(run(u"skill new zipped"_s).code, 0);
        QCOMPARE(run(u"skill package zipped"_s).code, 0);
        const QJsonValue fromZip = run(u"skill push zipped-1.0.0.zip -o json"_s).json();
        QCOMPARE(fromZip[u"created"_s], QJsonValue(true));
        const QJsonValue fromFolder = run(u"skill push zipped -o json"_s).json();
        QCOMPARE(fromFolder[u"created"_s], QJsonValue(false));
        QCOMPARE(fromFolder[u"digest"_s], fromZip[u"digest"_s]);
    }

    void listsShowsYanksAndDeletes()
    {
        m_sandbox->writeSkill(u"alpha"_s, u"main.py"_s, "print(1)\n", "version: 1.0.0");
        QCOMPARE(run(u"skill push ./alpha"_s).code, 0);
        m_sandbox->writeSkill(u"alpha"_s, u"main.py"_s, "print(2)\n",
                              "version: 1.10.0\nlicense: MIT\ntimeout: 5s");
        QCOMPARE(run(u"skill push ./alpha"_s).code, 0);
        m_sandbox->writeSkill(u"beta"_s, u"main.sh"_s, "echo 1\n");
        QCOMPARE(run(u"skill push ./beta"_s).code, 0);

        compareWithGolden(u"skill_list.txt"_s, run(u"skill list"_s).out);
        compareWithGolden(u"skill_list_latest.txt"_s, run(u"skill list --latest"_s).out);
        compareWithGolden(u"skill_list.json"_s, run(u"skill list -o json"_s).out);
        compareWithGolden(u"skill_show.txt"_s, run(u"skill show alpha"_s).out);
        compareWithGolden(u"skill_show.json"_s, run(u"skill show alpha -o json"_s).out);
        compareWithGolden(u"skill_yank.txt"_s,
                          m_sandbox
                              ->run({u"skill"_s, u"yank"_s, u"alpha"_s, u"1.10.0"_s, u"--reason"_s,
                                     u"wrong sums"_s})
                              .out);
        compareWithGolden(u"skill_list_yanked.txt"_s, run(u"skill list"_s).out);
        QCOMPARE(run(u"skill show alpha -o json"_s).json()[u"version"_s], QJsonValue(u"1.0.0"_s));
        const QJsonValue yanked = run(u"skill show alpha --version 1.10.0 -o json"_s).json();
        QCOMPARE(yanked[u"status"_s], QJsonValue(u"yanked"_s));
        QCOMPARE(yanked[u"yank_reason"_s], QJsonValue(u"wrong sums"_s));
        QCOMPARE(run(u"run alpha --version 1.10.0"_s).code, 1);

        QCOMPARE(run(u"skill unyank alpha 1.10.0"_s).out, u"✔ alpha 1.10.0 is in use again\n"_s);
        QCOMPARE(run(u"skill show alpha -o json"_s).json()[u"version"_s], QJsonValue(u"1.10.0"_s));

        QCOMPARE(run(u"skill delete beta 1.0.0"_s).out, u"✔ Deleted beta 1.0.0\n"_s);
        QCOMPARE(run(u"skill delete beta 1.0.0"_s).code, 1);
        QCOMPARE(run(u"skill list --name beta -o json"_s).json().toArray(), QJsonArray());
    }

    void searches()
    {
        m_sandbox->writeSkill(u"alpha"_s, u"main.py"_s, "print(1)\n");
        m_sandbox->writeSkill(u"beta"_s, u"main.py"_s, "print(1)\n");
        QCOMPARE(run(u"skill push ./alpha"_s).code, 0);
        QCOMPARE(run(u"skill push ./beta"_s).code, 0);
        const QJsonArray found = run(u"skill list --query beta -o json"_s).json().toArray();
        QCOMPARE(found.size(), 1);
        QCOMPARE(found[0][u"name"_s], QJsonValue(u"beta"_s));
        const Finished nothing = run(u"skill list --query zebra"_s);
        QCOMPARE(nothing.code, 0);
        QCOMPARE(nothing.out, QString());
        QVERIFY(nothing.err.contains(u"no skill matches"_s));
    }

    void suggestsASkillOfASimilarName()
    {
        m_sandbox->writeSkill(u"word-counter"_s, u"main.py"_s, "print(1)\n");
        QCOMPARE(run(u"skill push ./word-counter"_s).code, 0);
        for (const QString &line : {u"run word-conter"_s, u"skill show word-conter"_s}) {
            const Finished refused = run(line);
            QCOMPARE(refused.code, 1);
            QVERIFY2(refused.err.contains(u"did you mean word-counter?"_s),
                     qPrintable(refused.err));
        }
    }

    void namesADataDirectoryThatCannotBeUsed()
    {
        m_sandbox->write(u"file"_s, "not a folder");
        m_sandbox->setVariable(u"SKILLBOX_DATA_DIR"_s, m_sandbox->path(u"file"_s));
        const Finished refused = run(u"skill list"_s);
        QCOMPARE(refused.code, 1);
        QCOMPARE(refused.out, QString());
        QVERIFY2(refused.err.startsWith(u"Error: "_s)
                     && refused.err.contains(m_sandbox->path(u"file"_s)),
                 qPrintable(refused.err));
    }

    void namesEveryBadSetting()
    {
        m_sandbox->setVariable(u"SKILLBOX_MAX_TIMEOUT"_s, u"soon"_s);
        m_sandbox->setVariable(u"SKILLBOX_MAX_MEMORY"_s, u"much"_s);
        const Finished refused = run(u"skill list"_s);
        QCOMPARE(refused.code, 1);
        QVERIFY2(refused.err.contains(u"SKILLBOX_MAX_TIMEOUT"_s)
                     && refused.err.contains(u"SKILLBOX_MAX_MEMORY"_s),
                 qPrintable(refused.err));
    }
};

} // namespace skillbox::test

QTEST_GUILESS_MAIN(skillbox::test::TestSkillboxSkills)
#include "test_skillbox_skills.moc"
