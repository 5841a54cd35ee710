// skillbox key … and skillbox audit …

#include "tests/app/program.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTest>

using namespace Qt::StringLiterals;

namespace skillbox::test {

class TestSkillboxAccess : public QObject
{
    Q_OBJECT

    std::unique_ptr<Sandbox> m_sandbox;

    QJsonValue json(const QStringList &arguments) const
    {
        return m_sandbox->run(arguments + QStringList{u"-o"_s, u"json"_s}).json();
    }
    QJsonValue createKey(const QString &name, const QStringList &more = {}) const
    {
        return json(QStringList{u"key"_s, u"create"_s, u"--name"_s, name} + more);
    }
    /// Runs the Python program `code`.
    static Finished python(const QString &code, const QByteArray &input = {})
    {
        QProcess process;
        process.start(u"python3"_s, {u"-c"_s, code});
        process.write(input);
        process.closeWriteChannel();
        return Sandbox::finish(process);
    }
    /// What somebody with the database in hands can do.
    void tamper(const QString &statement) const
    {
        const Finished done = python(
            u"import sqlite3\nd = sqlite3.connect('%1/skillbox.db')\nd.execute(\"%2\")\nd.commit()"_s
                .arg(m_sandbox->dataDirectory(), statement));
        QVERIFY2(done.code == 0, qPrintable(done.all()));
    }

private Q_SLOTS:
    void init() { m_sandbox = std::make_unique<Sandbox>(); }

    void showsANewKeyOnce()
    {
        const Finished none = m_sandbox->run({u"key"_s, u"list"_s});
        QCOMPARE(none.code, 0);
        QVERIFY2(none.err.contains(u"skillbox key create --name first --role admin"_s),
                 qPrintable(none.err));

        const Finished made = m_sandbox->run(
            {u"key"_s, u"create"_s, u"--name"_s, u"first"_s, u"--role"_s, u"admin"_s});
        QVERIFY2(made.code == 0, qPrintable(made.all()));
        static const QRegularExpression form(
            u"^✔ Made the key first for the tenant local: admin, does not expire\n"
            "  [0-9a-f-]{36}\n\n  (sk-[0-9a-f]{48})\n\n$"_s);
        const auto match = form.match(made.out);
        QVERIFY2(match.hasMatch(), qPrintable(made.out));
        QVERIFY2(made.err.contains(u"only time the key is shown"_s), qPrintable(made.err));

        const Finished listed = m_sandbox->run({u"key"_s, u"list"_s});
        QVERIFY2(listed.out.startsWith(u"ID        NAME   ROLE   STATE   CREATED"_s),
                 qPrintable(listed.out));
        QVERIFY2(listed.out.contains(u"first  admin  active  just now"_s), qPrintable(listed.out));
        const Finished everything = m_sandbox->run({u"key"_s, u"list"_s, u"-o"_s, u"json"_s});
        QVERIFY(!everything.out.contains(match.captured(1).mid(3)));
        QVERIFY(!m_sandbox->run({u"audit"_s, u"export"_s}).out.contains(match.captured(1).mid(3)));
    }

    void saysWhatAKeyIs()
    {
        const QJsonValue made = createKey(u"ci"_s,
                                          {u"--role"_s, u"publisher"_s, u"--expires"_s,
                                           u"2199-12-31"_s, u"--tenant"_s, u"acme"_s});
        QCOMPARE(made[u"name"_s].toString(), u"ci"_s);
        QCOMPARE(made[u"role"_s].toString(), u"publisher"_s);
        QCOMPARE(made[u"tenant_id"_s].toString(), u"acme"_s);
        QCOMPARE(made[u"expires_at"_s].toString(), u"2199-12-31T00:00:00.000Z"_s);
        QVERIFY(made[u"key"_s].toString().startsWith(u"sk-"_s));
        QCOMPARE(createKey(u"plain"_s)[u"role"_s].toString(), u"runner"_s);
        // Of its tenant only.
        const QJsonArray ours = json({u"key"_s, u"list"_s}).toArray();
        QCOMPARE(ours.size(), 1);
        QCOMPARE(ours[0][u"name"_s].toString(), u"plain"_s);
        const QJsonArray theirs = json({u"key"_s, u"list"_s, u"--tenant"_s, u"acme"_s}).toArray();
        QCOMPARE(theirs.size(), 1);
        QCOMPARE(theirs[0][u"id"_s], made[u"id"_s]);
        QVERIFY(theirs[0][u"key"_s].isUndefined());
    }

    void takesAKeyFromStandardInput()
    {
        const QStringList create{u"key"_s, u"create"_s, u"--name"_s, u"old"_s, u"--secret-stdin"_s};
        const Finished made = m_sandbox->run(create, "an-old-key\n");
        QVERIFY2(made.code == 0, qPrintable(made.all()));
        QVERIFY2(!made.all().contains(u"an-old-key"_s), qPrintable(made.all()));
        QVERIFY2(made.err.contains(u"can be guessed"_s), qPrintable(made.err));
        const Finished again = m_sandbox->run(create, "an-old-key\r\n");
        QCOMPARE(again.code, 1);
        QCOMPARE(again.err, u"Error: this key text is taken already; choose another\n"_s);
        const Finished empty = m_sandbox->run(create, "\n");
        QCOMPARE(empty.code, 1);
        QCOMPARE(empty.err, u"Error: there is no key on standard input\n"_s);
        const Finished two = m_sandbox->run(create, "two words\n");
        QCOMPARE(two.code, 1);
        QVERIFY2(two.err.contains(u"no space"_s), qPrintable(two.err));
    }

    void refusesWhatMakesNoKey_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("mention");
        const auto with = [](const QStringList &more) {
            return QStringList{u"--name"_s, u"n"_s} + more;
        };
        QTest::newRow("no name") << QStringList{} << u"a key needs a name"_s;
        QTest::newRow("role") << with({u"--role"_s, u"root"_s}) << u"publisher"_s;
        QTest::newRow("expires: words") << with({u"--expires"_s, u"soon"_s}) << u"like 90d"_s;
        QTest::newRow("expires: number") << with({u"--expires"_s, u"90"_s}) << u"like 90d"_s;
        QTest::newRow("expires: no offset")
            << with({u"--expires"_s, u"2199-01-01T00:00:00"_s}) << u"2027-01-31T08:00:00Z"_s;
        QTest::newRow("expires: no such day")
            << with({u"--expires"_s, u"2199-02-30"_s}) << u"does not understand"_s;
        QTest::newRow("expires: past") << with({u"--expires"_s, u"2020-01-01"_s}) << u"future"_s;
        QTest::newRow("expires: zero") << with({u"--expires"_s, u"0d"_s}) << u"no span"_s;
        QTest::newRow("expires: far") << with({u"--expires"_s, u"99999d"_s}) << u"no span"_s;
        QTest::newRow("tenant") << with({u"--tenant"_s, u"../x"_s}) << u"a tenant is named"_s;
    }
    void refusesWhatMakesNoKey()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, mention);
        const Finished refused = m_sandbox->run(QStringList{u"key"_s, u"create"_s} + arguments);
        QCOMPARE(refused.code, 1);
        QCOMPARE(refused.out, QString());
        QVERIFY2(refused.err.startsWith(u"Error: "_s), qPrintable(refused.err));
        QVERIFY2(refused.err.contains(mention), qPrintable(refused.err));
    }

    void revokesByTheBeginningOfAnId()
    {
        const QString id = createKey(u"ci"_s)[u"id"_s].toString();
        const Finished revoked = m_sandbox->run({u"key"_s, u"revoke"_s, id.first(8)});
        QVERIFY2(revoked.code == 0, qPrintable(revoked.all()));
        QCOMPARE(revoked.out, u"✔ Revoked the key ci\n"_s);
        const Finished again = m_sandbox->run({u"key"_s, u"revoke"_s, id});
        QCOMPARE(again.code, 0);
        QCOMPARE(again.out, u"The key ci was revoked already\n"_s);
        QVERIFY(m_sandbox->run({u"key"_s, u"list"_s}).out.contains(u"revoked"_s));
        const Finished missing = m_sandbox->run({u"key"_s, u"revoke"_s, u"00000000"_s});
        QCOMPARE(missing.code, 1);
        QCOMPARE(missing.err, u"Error: there is no key '00000000'\n"_s);
        const Finished named = m_sandbox->run({u"key"_s, u"revoke"_s, u"ci"_s});
        QCOMPARE(named.code, 1);
        QVERIFY2(named.err.contains(u"by its id, not by its name"_s), qPrintable(named.err));
        const Finished foreign = m_sandbox->run(
            {u"key"_s, u"revoke"_s, id, u"--tenant"_s, u"acme"_s});
        QCOMPARE(foreign.code, 1);
    }

    void verifiesAndExportsTheAudit()
    {
        const Finished none = m_sandbox->run({u"audit"_s, u"verify"_s});
        QCOMPARE(none.out, u"✔ The audit is unbroken: 0 records\n"_s);
        m_sandbox->writeSkill(u"hello"_s, u"main.sh"_s, "echo hello");
        QCOMPARE(m_sandbox->run({u"skill"_s, u"push"_s, u"hello"_s}).code, 0);
        createKey(u"Zoë's \"key\" \\ 😀"_s);
        const QString id = createKey(u"ci"_s)[u"id"_s].toString();
        m_sandbox->run({u"key"_s, u"revoke"_s, id});

        const QJsonValue verdict = json({u"audit"_s, u"verify"_s});
        QCOMPARE(verdict[u"intact"_s].toBool(), true);
        QCOMPARE(verdict[u"checked"_s].toInt(), 4);
        const Finished exported = m_sandbox->run({u"audit"_s, u"export"_s});
        QCOMPARE(exported.code, 0);
        const QStringList lines = exported.out.split(u'\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 4);
        const QJsonObject last = QJsonDocument::fromJson(lines[3].toUtf8()).object();
        QCOMPARE(last[u"action"_s].toString(), u"key.revoke"_s);
        QCOMPARE(last[u"target"_s].toString(), id);
        QCOMPARE(last[u"hash"_s], verdict[u"last_hash"_s]);
        QVERIFY(!last[u"actor"_s].toString().isEmpty());

        const Finished written = m_sandbox->run(
            {u"audit"_s, u"export"_s, u"--since"_s, u"1h"_s, u"--out"_s, u"audit.jsonl"_s});
        QCOMPARE(written.out, u"✔ Wrote 4 records to audit.jsonl\n"_s);
        QCOMPARE(m_sandbox->read(u"audit.jsonl"_s), exported.out.toUtf8());
        QCOMPARE(m_sandbox->run({u"audit"_s, u"export"_s, u"--since"_s, u"2199-01-01"_s}).out,
                 QString());
        const Finished nowhere = m_sandbox->run(
            {u"audit"_s, u"export"_s, u"--out"_s, u"none/audit.jsonl"_s});
        QCOMPARE(nowhere.code, 1);
        QVERIFY2(nowhere.err.contains(u"cannot write 'none/audit.jsonl'"_s),
                 qPrintable(nowhere.err));
    }

    void theDocumentedProgramChecksAnExport()
    {
        QFile readme(QStringLiteral(SKILLBOX_ACCESS_README));
        QVERIFY(readme.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(readme.readAll());
        const QString start = u"```python\n"_s;
        const qsizetype from = text.indexOf(start) + start.size();
        const QString program = text.mid(from, text.indexOf(u"```"_s, from) - from);
        QVERIFY(program.contains(u"import hashlib"_s));

        createKey(u"Zoë's \"key\" \\ 😀"_s);
        createKey(u"second"_s, {u"--expires"_s, u"90d"_s});
        createKey(u"third"_s);
        const QByteArray exported = m_sandbox->run({u"audit"_s, u"export"_s}).out.toUtf8();
        const Finished good = python(program, exported);
        QVERIFY2(good.code == 0, qPrintable(good.all()));
        const Finished bad = python(program, QByteArray(exported).replace("second", "sec0nd"));
        QCOMPARE(bad.code, 1);
        QCOMPARE(bad.err, u"record 2 was changed\n"_s);
        const QList<QByteArray> lines = exported.split('\n');
        const Finished gap = python(program, lines[0] + '\n' + lines[2] + '\n');
        QCOMPARE(gap.err, u"record 3 does not follow the one before it\n"_s);
    }

    void goesOnWhereAnExportEnded()
    {
        const QStringList exporting{u"audit"_s, u"export"_s, u"--cursor"_s,
                                    u"at"_s,    u"--out"_s,  u"log"_s};
        createKey(u"a"_s);
        createKey(u"b"_s);
        QCOMPARE(m_sandbox->run(exporting).out, u"✔ Wrote 2 records to log\n"_s);
        QCOMPARE(m_sandbox->run(exporting).out, u"✔ Wrote 0 records to log\n"_s);
        createKey(u"c"_s);
        QCOMPARE(m_sandbox->run(exporting).out, u"✔ Wrote 1 record to log\n"_s);
        const QByteArray all = m_sandbox->run({u"audit"_s, u"export"_s}).out.toUtf8();
        QCOMPARE(m_sandbox->read(u"log"_s), all);
        const Finished later = m_sandbox->run({u"audit"_s, u"export"_s, u"--after"_s, u"2"_s});
        QVERIFY2(later.out.startsWith(u"{\"seq\":3,"_s), qPrintable(later.out));

        // As if somebody had computed the whole chain anew since: it does not go on from there.
        createKey(u"d"_s);
        const QString hash =
            QJsonDocument::fromJson(m_sandbox->read(u"at"_s)).object()[u"hash"_s].toString();
        const QByteArray cursor = m_sandbox->read(u"at"_s).replace(hash.toUtf8(),
                                                                   QByteArray(64, 'a'));
        m_sandbox->write(u"at"_s, cursor);
        const Finished broken = m_sandbox->run(exporting);
        QCOMPARE(broken.code, 1);
        QVERIFY2(broken.err.contains(u"the audit record 4 does not follow the record 3"_s),
                 qPrintable(broken.err));
        QCOMPARE(m_sandbox->read(u"log"_s), all);
        QCOMPARE(m_sandbox->read(u"at"_s), cursor);
        // On purpose it can be passed over.
        QCOMPARE(m_sandbox->run(exporting + QStringList{u"--after"_s, u"4"_s}).code, 0);
    }

    void checksWhatItExports()
    {
        for (const QString &name : {u"a"_s, u"b"_s, u"c"_s})
            createKey(name);
        const QStringList verified{u"audit"_s, u"export"_s, u"--verify"_s};
        QCOMPARE(m_sandbox->run(verified).out.count(u'\n'), 3);
        tamper(u"UPDATE audit SET actor = 'nobody' WHERE seq = 2"_s);
        const Finished broken = m_sandbox->run(verified);
        QCOMPARE(broken.code, 1);
        QCOMPARE(broken.out.count(u'\n'), 1);
        QCOMPARE(broken.err,
                 u"Error: the audit record 2 was changed after it had been written\n"_s);
        // A span of time may leave out a link, not a hash.
        QCOMPARE(m_sandbox->run(verified + QStringList{u"--since"_s, u"1h"_s}).code, 1);
        QCOMPARE(m_sandbox->run({u"audit"_s, u"export"_s}).out.count(u'\n'), 3);
    }

    void exportsForOthers()
    {
        const QString id = createKey(u"ci"_s)[u"id"_s].toString();
        const QJsonObject splunk =
            QJsonDocument::fromJson(
                m_sandbox->run({u"audit"_s, u"export"_s, u"--format"_s, u"splunk"_s}).out.toUtf8())
                .object();
        QCOMPARE(splunk[u"sourcetype"_s].toString(), u"skillbox:audit"_s);
        QVERIFY(splunk[u"time"_s].toDouble() > 1.7e9);
        QCOMPARE(splunk[u"event"_s][u"action"_s].toString(), u"key.create"_s);
        const QJsonObject ecs =
            QJsonDocument::fromJson(
                m_sandbox->run({u"audit"_s, u"export"_s, u"--format"_s, u"ecs"_s}).out.toUtf8())
                .object();
        QCOMPARE(ecs[u"@timestamp"_s], splunk[u"event"_s][u"at"_s]);
        QCOMPARE(ecs[u"event"_s][u"category"_s][0].toString(), u"iam"_s);
        QCOMPARE(ecs[u"event"_s][u"type"_s][0].toString(), u"creation"_s);
        QCOMPARE(ecs[u"event"_s][u"sequence"_s].toInt(), 1);
        QCOMPARE(ecs[u"organization"_s][u"id"_s].toString(), u"local"_s);
        QCOMPARE(ecs[u"skillbox"_s][u"target"_s].toString(), id);
    }

    void refusesWhatIsNoExport_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("mention");
        QTest::newRow("after") << QStringList{u"--after"_s, u"x"_s} << u"--after wants the seq"_s;
        QTest::newRow("cursor and since")
            << QStringList{u"--cursor"_s, u"at"_s, u"--since"_s, u"1h"_s} << u"cannot go with"_s;
        QTest::newRow("cursor that is none")
            << QStringList{u"--cursor"_s, u"note"_s} << u"does not say how far"_s;
        QTest::newRow("format") << QStringList{u"--format"_s, u"xml"_s} << u"jsonl"_s;
    }
    void refusesWhatIsNoExport()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, mention);
        m_sandbox->write(u"note"_s, "not ours\n");
        const Finished refused = m_sandbox->run(QStringList{u"audit"_s, u"export"_s} + arguments);
        QCOMPARE(refused.code, 1);
        QVERIFY2(refused.err.contains(mention), qPrintable(refused.err));
        QCOMPARE(m_sandbox->read(u"note"_s), "not ours\n");
    }

    void followsUntilItIsStopped()
    {
        createKey(u"a"_s);
        const auto follow = m_sandbox->start(
            {u"audit"_s, u"export"_s, u"--follow"_s, u"--cursor"_s, u"at"_s});
        QByteArray out;
        const auto lines = [&] {
            follow->waitForReadyRead(100);
            out += follow->readAllStandardOutput();
            return out.count('\n');
        };
        QTRY_COMPARE_WITH_TIMEOUT(lines(), 1, 30'000);
        createKey(u"b"_s);
        QTRY_COMPARE_WITH_TIMEOUT(lines(), 2, 30'000);
        follow->terminate();
        QVERIFY(follow->waitForFinished(30'000));
        QCOMPARE(follow->exitCode(), 0);
        QVERIFY2(m_sandbox->read(u"at"_s).contains("\"seq\":2"), m_sandbox->read(u"at"_s));
    }

    void setsWhatATenantMayUse()
    {
        createKey(u"a"_s, {u"--tenant"_s, u"acme"_s});
        const Finished set = m_sandbox->run({u"tenant"_s, u"set"_s, u"acme"_s, u"--storage"_s,
                                             u"10Gi"_s, u"--log-days"_s, u"30d"_s,
                                             u"--runs-per-minute"_s, u"60"_s});
        QVERIFY2(set.code == 0, qPrintable(set.all()));
        QVERIFY2(set.out.startsWith(u"acme\n"_s) && set.out.contains(u"10.0 GiB"_s)
                     && set.out.contains(u"30 days"_s),
                 qPrintable(set.out));
        const QJsonValue shown = json({u"tenant"_s, u"show"_s, u"acme"_s});
        QCOMPARE(shown[u"storage_bytes"_s].toInteger(), 10LL << 30);
        QCOMPARE(shown[u"own"_s].toArray().size(), 3);
        QVERIFY(!shown[u"updated_by"_s].toString().isEmpty());
        QCOMPARE(m_sandbox
                     ->run({u"tenant"_s, u"set"_s, u"acme"_s, u"--storage"_s, u"default"_s,
                            u"--log-days"_s, u"none"_s})
                     .code,
                 0);
        const QJsonArray all = json({u"tenant"_s, u"list"_s}).toArray();
        QCOMPARE(all.size(), 2);
        QCOMPARE(all[0][u"tenant_id"_s].toString(), u"acme"_s);
        QCOMPARE(all[0][u"log_days"_s].toInt(), 0);
        QCOMPARE(all[0][u"own"_s].toArray(), QJsonArray({u"runs_per_minute"_s, u"log_days"_s}));
        const Finished table = m_sandbox->run({u"tenant"_s, u"list"_s});
        QVERIFY2(table.out.startsWith(u"TENANT  AT ONCE  A MINUTE"_s), qPrintable(table.out));
        const Finished audit = m_sandbox->run({u"audit"_s, u"export"_s, u"--tenant"_s, u"acme"_s});
        QCOMPARE(audit.out.count(u"tenant.update"_s), 2);
    }

    void refusesWhatATenantCannotHave_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("mention");
        QTest::newRow("nothing") << QStringList{u"local"_s} << u"say what to set"_s;
        QTest::newRow("no tenant")
            << QStringList{u"nobody"_s, u"--log-days"_s, u"1"_s} << u"no tenant \"nobody\""_s;
        QTest::newRow("days") << QStringList{u"local"_s, u"--log-days"_s, u"soon"_s}
                              << u"a number of days such as 30"_s;
        QTest::newRow("size") << QStringList{u"local"_s, u"--storage"_s, u"much"_s}
                              << u"a size such as 10Gi"_s;
        QTest::newRow("below") << QStringList{u"local"_s, u"--max-concurrent=-1"_s}
                               << u"a whole number"_s;
    }
    void refusesWhatATenantCannotHave()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, mention);
        const Finished refused = m_sandbox->run(QStringList{u"tenant"_s, u"set"_s} + arguments);
        QCOMPARE(refused.code, 1);
        QVERIFY2(refused.err.contains(mention), qPrintable(refused.err));
    }

    void namesTheRecordThatWasTamperedWith()
    {
        for (const QString &name : {u"a"_s, u"b"_s, u"c"_s})
            createKey(name);
        tamper(u"UPDATE audit SET actor = 'nobody' WHERE seq = 2"_s);
        const Finished broken = m_sandbox->run({u"audit"_s, u"verify"_s});
        QCOMPARE(broken.code, 1);
        QCOMPARE(broken.out, QString());
        QCOMPARE(broken.err,
                 u"Error: the audit record 2 was changed after it had been written\n"
                 "       1 record before it is in order\n"_s);
        const Finished machine = m_sandbox->run({u"audit"_s, u"verify"_s, u"-o"_s, u"json"_s});
        QCOMPARE(machine.code, 1);
        QCOMPARE(machine.json()[u"intact"_s].toBool(), false);
        QCOMPARE(machine.json()[u"broken_seq"_s].toInt(), 2);
        // What comes after is still written and can still be read.
        createKey(u"d"_s);
        QCOMPARE(m_sandbox->run({u"audit"_s, u"export"_s}).out.count(u'\n'), 4);
    }
};

} // namespace skillbox::test

QTEST_GUILESS_MAIN(skillbox::test::TestSkillboxAccess)
#include "test_skillbox_access.moc"
