// skillbox admin …: a whole store as a file.

#include "tests/app/program.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonObject>
#include <QTest>

using namespace Qt::StringLiterals;

namespace skillbox::test {

class TestSkillboxAdmin : public QObject
{
    Q_OBJECT

    Sandbox m_first;
    QString m_backup;

    static QString output(const Sandbox &on, const QStringList &arguments)
    {
        const Finished done = on.run(arguments);
        return done.code == 0 ? done.out : done.all();
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_first.writeSkill(
            u"writer"_s, u"main.py"_s,
            "import os\nopen(os.environ['SANDBOX_FILES_DIR'] + 'made.txt', 'w').write('made')\n");
        QCOMPARE(m_first.run({u"skill"_s, u"push"_s, u"writer"_s}).code, 0);
        QCOMPARE(m_first.run({u"run"_s, u"writer"_s}).code, 0);
        QCOMPARE(m_first
                     .run({u"key"_s, u"create"_s, u"--name"_s, u"ci"_s, u"--tenant"_s, u"acme"_s})
                     .code,
                 0);
        m_backup = m_first.path(u"backup.tar"_s);
        const Finished made = m_first.run({u"admin"_s, u"export"_s, m_backup});
        QVERIFY2(made.code == 0, qPrintable(made.all()));
        QVERIFY2(made.out.startsWith(u"✔ Wrote the backup to "_s), qPrintable(made.out));
        const auto others = QFileDevice::ReadGroup | QFileDevice::WriteGroup
            | QFileDevice::ReadOther | QFileDevice::WriteOther;
        QVERIFY(!(QFileInfo(m_backup).permissions() & others));
    }

    void bringsAStoreElsewhere()
    {
        const Sandbox second;
        const Finished read = second.run({u"admin"_s, u"import"_s, m_backup});
        QVERIFY2(read.code == 0, qPrintable(read.all()));
        for (const QStringList &question :
             {QStringList{u"skill"_s, u"list"_s, u"-o"_s, u"json"_s},
              QStringList{u"exec"_s, u"list"_s, u"-o"_s, u"json"_s},
              QStringList{u"exec"_s, u"show"_s, u"last"_s, u"-o"_s, u"json"_s},
              QStringList{u"key"_s, u"list"_s, u"--tenant"_s, u"acme"_s}})
            QCOMPARE(output(second, question), output(m_first, question));
        QCOMPARE(second.run({u"exec"_s, u"download"_s, u"last"_s, u"got"_s}).code, 0);
        QCOMPARE(second.run({u"run"_s, u"writer"_s}).code, 0);
        QCOMPARE(second.run({u"audit"_s, u"verify"_s}).code, 0);
        QVERIFY(
            second.run({u"audit"_s, u"export"_s}).out.contains(u"\"action\":\"store.import\""_s));
        QVERIFY(
            m_first.run({u"audit"_s, u"export"_s}).out.contains(u"\"action\":\"store.export\""_s));
        // Once.
        const Finished again = second.run({u"admin"_s, u"import"_s, m_backup});
        QCOMPARE(again.code, 1);
        QVERIFY2(again.err.contains(u"is not empty"_s), qPrintable(again.err));
    }

    void goesThroughPipes()
    {
        const Finished written = m_first.run({u"admin"_s, u"export"_s, u"-"_s, u"-o"_s, u"json"_s});
        QCOMPARE(written.code, 0);
        QVERIFY2(written.err.startsWith(u"{\"created_at\":"_s), qPrintable(written.err));
        QFile file(m_backup);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray bytes = file.readAll();
        const Finished checked = m_first.run({u"admin"_s, u"verify"_s, u"-"_s, u"-o"_s, u"json"_s},
                                             bytes);
        QCOMPARE(checked.code, 0);
        const QJsonObject summary = checked.json().toObject();
        QVERIFY(summary["records"_L1].toInt() >= 7);
        QCOMPARE(summary["blobs"_L1].toInt(), 2);
        QCOMPARE(summary["sha256"_L1].toString().size(), 64);
        const Sandbox third;
        QCOMPARE(third.run({u"admin"_s, u"import"_s, u"-"_s}, bytes).code, 0);
        QCOMPARE(output(third, {u"exec"_s, u"list"_s}), output(m_first, {u"exec"_s, u"list"_s}));
    }

    void refusesWhatIsNoBackup()
    {
        QFile file(m_backup);
        QVERIFY(file.open(QIODevice::ReadOnly));
        m_first.write(u"cut.tar"_s, file.readAll().chopped(4000));
        m_first.write(u"other.tar"_s, "not a tar");
        for (const auto &[name, mention] : {std::pair(u"cut.tar"_s, u"cut off"_s),
                                            std::pair(u"other.tar"_s, u"no backup of Skillbox"_s),
                                            std::pair(u"none.tar"_s, u"none.tar"_s)}) {
            for (const QString &action : {u"verify"_s, u"import"_s}) {
                const Sandbox empty;
                const Finished refused = empty.run({u"admin"_s, action, m_first.path(name)});
                QCOMPARE(refused.code, 1);
                QVERIFY2(refused.err.contains(mention), qPrintable(refused.err));
                QCOMPARE(empty.run({u"exec"_s, u"list"_s, u"-o"_s, u"json"_s}).out, u"[]\n"_s);
            }
        }
    }

    void replacesNoFileUnasked()
    {
        m_first.write(u"mine.tar"_s, "precious");
        const Finished refused = m_first.run({u"admin"_s, u"export"_s, u"mine.tar"_s});
        QCOMPARE(refused.code, 1);
        QVERIFY2(refused.err.contains(u"--overwrite"_s), qPrintable(refused.err));
        QCOMPARE(m_first.read(u"mine.tar"_s), "precious"_ba);
        QCOMPARE(m_first.run({u"admin"_s, u"export"_s, u"mine.tar"_s, u"--overwrite"_s}).code, 0);
        QCOMPARE(m_first.run({u"admin"_s, u"verify"_s, u"mine.tar"_s}).code, 0);
    }

    void removesWhatNothingRefersTo()
    {
        const QString blobs = m_first.dataDirectory() + u"/blobs/ab"_s;
        QVERIFY(QDir().mkpath(blobs));
        const QDateTime now = QDateTime::currentDateTimeUtc();
        for (const auto &[name, days] : {std::pair(u'0', -2), std::pair(u'1', 0)}) {
            QFile left(blobs + u'/' + QString(62, name));
            QVERIFY(left.open(QIODevice::WriteOnly));
            QVERIFY(left.setFileTime(now.addDays(days), QFileDevice::FileModificationTime));
        }
        const QStringList sweep{u"admin"_s, u"sweep"_s};
        QCOMPARE(output(m_first, sweep), u"✔ Removed 1 blob that nothing refers to\n"_s);
        QCOMPARE(QDir(blobs).entryList(QDir::Files), QStringList{QString(62, u'1')});
        // Whatever its age, what a record refers to stays.
        QCOMPARE(output(m_first,
                        sweep
                            + QStringList{u"--older-than"_s, u"2100-01-01"_s, u"-o"_s, u"json"_s}),
                 u"{\"removed\":1}\n"_s);
        QCOMPARE(m_first.run({u"exec"_s, u"download"_s, u"last"_s, u"swept"_s}).code, 0);
        const Finished refused = m_first.run(sweep + QStringList{u"--older-than"_s, u"soon"_s});
        QVERIFY2(refused.err.contains(u"--older-than does not understand 'soon'"_s),
                 qPrintable(refused.err));
    }
};

} // namespace skillbox::test

QTEST_GUILESS_MAIN(skillbox::test::TestSkillboxAdmin)
#include "test_skillbox_admin.moc"
