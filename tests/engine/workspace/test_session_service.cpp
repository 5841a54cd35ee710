#include "engine/workspace/session_service.h"

#include "tests/engine/workspace/workspace_fixture.h"
#include "tests/support/tree_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

const Origin me{u"key-1"_s};
const TenantId other{u"other"_s};

} // namespace

class SessionServiceTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m = std::make_unique<WorkspaceFixture>();
        const QString scratch = m->directory.filePath(u"scratch"_s);
        QVERIFY(QDir().mkpath(scratch));
        m_sessions = std::make_unique<SessionService>(
            *m->metadata, *m->blobs, scratch, SessionLimits{.maxBytes = 1000, .maxFiles = 5});
    }
    void cleanup()
    {
        m_sessions.reset();
        m.reset();
    }

    void namesOfSessions_data();
    void namesOfSessions();
    void refusesPathsThatLeave_data();
    void refusesPathsThatLeave();
    void writesAndReads();
    void aFileIsNoFolder();
    void holdsItsLimits();
    void removesFilesAndSessions();
    void checksOutATreeForAnyUid();
    void takesBackWhatARunChanged();
    void keepsWhatARunDidNotTouch();
    void takesNothingHostileBack();
    void staysAsItWasWhenARunLeavesTooMuch();
    void ofTwoRunsTheLastWinsFileByFile();
    void anUnreadFolderRemovesNothing();

private:
    Result<SessionFileRecord> write(const QString &path, QByteArray content,
                                    const QString &session = u"s"_s,
                                    const TenantId &tenant = localTenant())
    {
        QBuffer buffer(&content);
        buffer.open(QIODevice::ReadOnly);
        return m_sessions->write(tenant, session, path, buffer, me);
    }
    QMap<QString, QByteArray> contents(const QString &session = u"s"_s)
    {
        QMap<QString, QByteArray> all;
        const auto files = m_sessions->files(localTenant(), session);
        for (const SessionFileRecord &file : files.value()) {
            const auto device = m_sessions->open(file);
            all.insert(file.path, device ? (*device)->readAll() : "missing"_ba);
        }
        return all;
    }
    Result<QStringList> checkIn(const SessionService::Checkout &before, const QString &directory)
    {
        const UniqueFd fd(
            ::open(QFile::encodeName(directory).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        return m_sessions->checkIn(localTenant(), u"s"_s, before, fd.get());
    }

    std::unique_ptr<WorkspaceFixture> m;
    std::unique_ptr<SessionService> m_sessions;
};

void SessionServiceTest::namesOfSessions_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("good");
    QTest::newRow("plain") << u"My-session_1.2"_s << true;
    QTest::newRow("longest") << QString(128, u'a') << true;
    QTest::newRow("too long") << QString(129, u'a') << false;
    QTest::newRow("empty") << u""_s << false;
    QTest::newRow("dot") << u"."_s << false;
    QTest::newRow("dots") << u".."_s << false;
    QTest::newRow("three dots") << u"..."_s << true;
    QTest::newRow("slash") << u"a/b"_s << false;
    QTest::newRow("space") << u"a b"_s << false;
    QTest::newRow("umlaut") << u"ü"_s << false;
    QTest::newRow("NUL") << QString(QChar(u'\0')) << false;
}

void SessionServiceTest::namesOfSessions()
{
    QFETCH(QString, name);
    QFETCH(bool, good);
    QCOMPARE(SessionService::isSessionName(name), good);
    QCOMPARE(m_sessions->files(localTenant(), name).has_value(), good);
    QCOMPARE(write(u"a"_s, "x", name).has_value(), good);
    QCOMPARE(m_sessions->checkOut(localTenant(), name).has_value(), good);
}

void SessionServiceTest::refusesPathsThatLeave_data()
{
    QTest::addColumn<QString>("path");
    for (const QString &path :
         {u""_s, u"/a"_s, u"../a"_s, u"a/../../b"_s, u"a/.."_s, u"./a"_s, u"a//b"_s, u"a/"_s,
          u"a\\b"_s, u"a\nb"_s, QString(1025, u'a'), QString(256, u'a'),
          u"a/"_s.repeated(32) + u"b"_s, u"a"_s + QChar(u'\0') + u"b"_s})
        QTest::addRow("%s", qPrintable(path.left(20).toHtmlEscaped())) << path;
}

void SessionServiceTest::refusesPathsThatLeave()
{
    QFETCH(QString, path);
    const auto written = write(path, "x");
    QVERIFY(!written);
    QCOMPARE(written.error().code, ErrorCode::BadRequest);
    QCOMPARE(m_sessions->find(localTenant(), u"s"_s, path).error().code, ErrorCode::BadRequest);
    QCOMPARE(m_sessions->remove(localTenant(), u"s"_s, path, me).error().code,
             ErrorCode::BadRequest);
    QVERIFY(!m->keeps("x"));
}

void SessionServiceTest::writesAndReads()
{
    VERIFY_OK(write(u"deep/er/ü.txt"_s, "one"));
    VERIFY_OK(write(u"a..b"_s, "two"));
    VERIFY_OK(write(u"a..b"_s, "three"));
    QCOMPARE(contents(),
             (QMap<QString, QByteArray>{{u"a..b"_s, "three"}, {u"deep/er/ü.txt"_s, "one"}}));
    QVERIFY(!m->keeps("two"));
    QVERIFY(m_sessions->files(other, u"s"_s).value().isEmpty());
    QCOMPARE(m_sessions->find(other, u"s"_s, u"a..b"_s).error().code, ErrorCode::NotFound);
    QVERIFY(contents(u"t"_s).isEmpty());
}

void SessionServiceTest::aFileIsNoFolder()
{
    VERIFY_OK(write(u"a"_s, "x"));
    VERIFY_OK(write(u"f/b"_s, "y"));
    QCOMPARE(write(u"a/b"_s, "z").error().code, ErrorCode::BadRequest);
    QCOMPARE(write(u"f"_s, "z").error().code, ErrorCode::BadRequest);
    VERIFY_OK(write(u"ab"_s, "z"));
    VERIFY_OK(write(u"fb/c"_s, "z"));
}

void SessionServiceTest::holdsItsLimits()
{
    QCOMPARE(write(u"big"_s, QByteArray(1001, 'x')).error().code, ErrorCode::TooLarge);
    VERIFY_OK(write(u"half"_s, QByteArray(600, 'x')));
    QCOMPARE(write(u"other half"_s, QByteArray(600, 'y')).error().code, ErrorCode::TooLarge);
    QVERIFY(!m->keeps(QByteArray(600, 'y')));
    VERIFY_OK(write(u"half"_s, QByteArray(900, 'z')));
    for (int i = 0; i < 4; ++i)
        VERIFY_OK(write(QString::number(i), "1"));
    QCOMPARE(write(u"one more"_s, "1").error().code, ErrorCode::TooLarge);
}

void SessionServiceTest::removesFilesAndSessions()
{
    VERIFY_OK(write(u"a"_s, "one"));
    VERIFY_OK(write(u"b"_s, "two"));
    VERIFY_OK(m_sessions->remove(localTenant(), u"s"_s, u"a"_s, me));
    QVERIFY(!m->keeps("one"));
    QCOMPARE(m_sessions->remove(localTenant(), u"s"_s, u"a"_s, me).error().code,
             ErrorCode::NotFound);
    QVERIFY(!m_sessions->removeSession(other, u"s"_s, me).value());
    QVERIFY(m_sessions->removeSession(localTenant(), u"s"_s, me).value());
    QVERIFY(!m_sessions->removeSession(localTenant(), u"s"_s, me).value());
    QVERIFY(!m->keeps("two"));
    QCOMPARE(m->auditedActions(),
             (QStringList{u"session.write"_s, u"session.write"_s, u"session.remove"_s,
                          u"session.delete"_s}));
}

void SessionServiceTest::checksOutATreeForAnyUid()
{
    VERIFY_OK(write(u"deep/er/a"_s, "text"));
    const mode_t before = ::umask(077);
    const auto checkout = m_sessions->checkOut(localTenant(), u"s"_s);
    ::umask(before);
    VERIFY_OK(checkout);
    QFile file(checkout->directory + u"/deep/er/a"_s);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), "text"_ba);
    struct stat status {
    };
    for (const QString &path : {u""_s, u"/deep"_s, u"/deep/er"_s}) {
        QCOMPARE(::stat(QFile::encodeName(checkout->directory + path).constData(), &status), 0);
        QCOMPARE(status.st_mode & 0777, mode_t(0755));
    }
    QCOMPARE(::fstat(file.handle(), &status), 0);
    QCOMPARE(status.st_mode & 0777, mode_t(0644));
    QCOMPARE(status.st_nlink, nlink_t(1)); // a copy: a run could change the store otherwise
}

void SessionServiceTest::takesBackWhatARunChanged()
{
    VERIFY_OK(write(u"changed"_s, "before"));
    VERIFY_OK(write(u"gone"_s, "gone"));
    VERIFY_OK(write(u"same"_s, "same"));
    const auto checkout = m_sessions->checkOut(localTenant(), u"s"_s);
    VERIFY_OK(checkout);
    const QDir run(checkout->directory);
    QFile::remove(run.filePath(u"changed"_s));
    test::writeFile(run.filePath(u"changed"_s), "after!");
    QFile::remove(run.filePath(u"gone"_s));
    test::writeFile(run.filePath(u"new/tool"_s), "#!/bin/sh\n");
    ::chmod(QFile::encodeName(run.filePath(u"new/tool"_s)).constData(), 0755);

    const auto lines = checkIn(*checkout, checkout->directory);
    VERIFY_OK(lines);
    QCOMPARE(*lines, QStringList());
    QCOMPARE(contents(),
             (QMap<QString, QByteArray>{
                 {u"changed"_s, "after!"}, {u"new/tool"_s, "#!/bin/sh\n"}, {u"same"_s, "same"}}));
    QVERIFY(m_sessions->find(localTenant(), u"s"_s, u"new/tool"_s)->executable);
    QVERIFY(!m->keeps("before"));
    QVERIFY(!m->keeps("gone"));
    // And the next run finds it so.
    const auto next = m_sessions->checkOut(localTenant(), u"s"_s);
    VERIFY_OK(next);
    QVERIFY(QFileInfo(next->directory + u"/new/tool"_s).isExecutable());
}

void SessionServiceTest::keepsWhatARunDidNotTouch()
{
    const auto written = write(u"a"_s, "text");
    VERIFY_OK(written);
    const auto checkout = m_sessions->checkOut(localTenant(), u"s"_s);
    VERIFY_OK(checkout);
    VERIFY_OK(checkIn(*checkout, checkout->directory));
    QCOMPARE(m_sessions->find(localTenant(), u"s"_s, u"a"_s)->updatedAt, written->updatedAt);
}

void SessionServiceTest::takesNothingHostileBack()
{
    VERIFY_OK(write(u"a"_s, "text"));
    const auto checkout = m_sessions->checkOut(localTenant(), u"s"_s);
    VERIFY_OK(checkout);
    const QDir run(checkout->directory);
    QVERIFY(QFile::link(u"/etc/passwd"_s, run.filePath(u"link"_s)));
    QVERIFY(QFile::link(u"/etc"_s, run.filePath(u"folder"_s)));
    QCOMPARE(::mkfifo(QFile::encodeName(run.filePath(u"pipe"_s)).constData(), 0600), 0);
    QCOMPARE(::link(QFile::encodeName(run.filePath(u"a"_s)).constData(),
                    QFile::encodeName(run.filePath(u"b"_s)).constData()),
             0);
    test::writeFile(run.filePath(u"line\nfeed"_s), "x");
    const auto lines = checkIn(*checkout, checkout->directory);
    VERIFY_OK(lines);
    QCOMPARE(lines->size(), 6);
    // Of a file with two names nobody knows which it is: it is not taken, so it is gone.
    QVERIFY(contents().isEmpty());
}

void SessionServiceTest::staysAsItWasWhenARunLeavesTooMuch()
{
    VERIFY_OK(write(u"a"_s, "text"));
    const auto checkout = m_sessions->checkOut(localTenant(), u"s"_s);
    VERIFY_OK(checkout);
    const QDir run(checkout->directory);
    QFile::remove(run.filePath(u"a"_s));
    test::writeFile(run.filePath(u"b"_s), QByteArray(600, 'b'));
    test::writeFile(run.filePath(u"c"_s), QByteArray(600, 'c'));
    const auto lines = checkIn(*checkout, checkout->directory);
    VERIFY_OK(lines);
    QCOMPARE(lines->size(), 1);
    QVERIFY2(lines->first().contains(u"1200 bytes"_s), qPrintable(lines->first()));
    QCOMPARE(contents(), (QMap<QString, QByteArray>{{u"a"_s, "text"}}));
    QVERIFY(!m->keeps(QByteArray(600, 'b')));
}

void SessionServiceTest::ofTwoRunsTheLastWinsFileByFile()
{
    VERIFY_OK(write(u"both"_s, "0"));
    const auto first = m_sessions->checkOut(localTenant(), u"s"_s);
    const auto second = m_sessions->checkOut(localTenant(), u"s"_s);
    VERIFY_OK(first);
    VERIFY_OK(second);
    test::writeFile(first->directory + u"/mine"_s, "first");
    test::writeFile(first->directory + u"/both"_s, "first");
    test::writeFile(second->directory + u"/both"_s, "second");
    VERIFY_OK(checkIn(*first, first->directory));
    VERIFY_OK(checkIn(*second, second->directory));
    QCOMPARE(contents(), (QMap<QString, QByteArray>{{u"both"_s, "second"}, {u"mine"_s, "first"}}));
}

void SessionServiceTest::anUnreadFolderRemovesNothing()
{
    VERIFY_OK(write(u"a"_s, "text"));
    const auto checkout = m_sessions->checkOut(localTenant(), u"s"_s);
    VERIFY_OK(checkout);
    const QDir run(checkout->directory);
    QFile::remove(run.filePath(u"a"_s));
    for (int i = 0; i < 30; ++i)
        QVERIFY(run.mkdir(QString::number(i))); // more than four times the files allowed
    const auto lines = checkIn(*checkout, checkout->directory);
    VERIFY_OK(lines);
    QVERIFY(!lines->isEmpty());
    QCOMPARE(contents(), (QMap<QString, QByteArray>{{u"a"_s, "text"}}));
}

QTEST_GUILESS_MAIN(SessionServiceTest)
#include "test_session_service.moc"
