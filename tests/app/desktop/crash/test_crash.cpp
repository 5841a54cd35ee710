#include "tests/support/desktop_fixture.h"

#include "app/desktop/editor/editor_page.h"
#include "app/desktop/editor/open_files.h"

#include <QDirIterator>
#include <QProcess>

#include <csignal>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

constexpr int patience = 60'000;
constexpr auto typed = "what nobody saved";

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

/// The desktop at its worst: killed while somebody writes, or begun on a store that is broken.
class CrashTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void unsavedTextSurvivesAKill();
    void brokenStoreIsToldAndLeftAlone_data();
    void brokenStoreIsToldAndLeftAlone();
};

/// The real program, in a home of its own, with the typist in it.
class RealDesktop
{
public:
    explicit RealDesktop(const QTemporaryDir &home) : m_home(home)
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        for (const QString &name : environment.keys()) {
            if (name.startsWith(u"SKILLBOX_"))
                environment.remove(name);
        }
        environment.insert(u"QT_QPA_PLATFORM"_s, u"offscreen"_s);
        environment.insert(u"QT_PLUGIN_PATH"_s, QStringLiteral(SKILLBOX_TYPIST_FOLDER));
        environment.insert(u"QT_QPA_GENERIC_PLUGINS"_s, u"typist"_s);
        environment.insert(u"HOME"_s, m_home.path());
        environment.insert(u"SKILLBOX_DATA_DIR"_s, m_home.filePath(u"data"_s));
        environment.insert(u"XDG_CONFIG_HOME"_s, m_home.filePath(u"config"_s));
        environment.insert(u"XDG_STATE_HOME"_s, m_home.filePath(u"state"_s));
        environment.insert(u"SKILLBOX_TYPIST_SHOW"_s, shownPath());
        m_process.setProcessEnvironment(environment);
        m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    }
    ~RealDesktop() { kill(); }

    bool start(const QString &text, const QStringList &arguments = {})
    {
        QFile::remove(shownPath());
        QProcessEnvironment environment = m_process.processEnvironment();
        environment.insert(u"SKILLBOX_TYPIST_TEXT"_s, text);
        m_process.setProcessEnvironment(environment);
        m_process.start(QStringLiteral(SKILLBOX_PROGRAM_DIRECTORY) + u"/skillbox-desktop"_s,
                        arguments);
        return m_process.waitForStarted(patience);
    }
    /// As the kernel does when memory is short: nothing of the program runs any more.
    void kill()
    {
        if (m_process.state() == QProcess::NotRunning)
            return;
        ::kill(static_cast<pid_t>(m_process.processId()), SIGKILL);
        m_process.waitForFinished(patience);
    }
    bool isRunning() const { return m_process.state() == QProcess::Running; }
    /// What stands in its editor.
    QByteArray shown() const { return contentOf(shownPath()); }
    /// A copy of unsaved text that has these words is on disk.
    bool hasDraft(const QByteArray &words) const
    {
        QDirIterator it(m_home.filePath(u"state"_s), {u"*.draft"_s}, QDir::Files,
                        QDirIterator::Subdirectories);
        while (it.hasNext()) {
            if (contentOf(it.next()).contains(words))
                return true;
        }
        return false;
    }

private:
    QString shownPath() const { return m_home.filePath(u"shown.txt"_s); }

    const QTemporaryDir &m_home;
    QProcess m_process;
};

void CrashTest::unsavedTextSurvivesAKill()
{
    const QTemporaryDir home;
    const QString folder = test::SkillFolder().write(home.filePath(u"skills"_s));
    const QByteArray saved = contentOf(folder + u"/SKILL.md"_s);
    RealDesktop desktop(home);
    QVERIFY(desktop.start(QString::fromLatin1(typed), {folder}));
    QTRY_VERIFY_WITH_TIMEOUT(desktop.shown().endsWith(typed), patience);
    QTRY_VERIFY_WITH_TIMEOUT(desktop.hasDraft(typed), patience);
    QVERIFY(desktop.isRunning());
    desktop.kill();
    QCOMPARE(contentOf(folder + u"/SKILL.md"_s), saved);

    // Twice: what was recovered and not saved since is not lost to a second kill.
    for (int i = 0; i < 2; ++i) {
        QVERIFY(desktop.start({}));
        QTRY_VERIFY_WITH_TIMEOUT(desktop.shown().endsWith(typed), patience);
        QVERIFY(desktop.hasDraft(typed));
        desktop.kill();
    }
    QCOMPARE(contentOf(folder + u"/SKILL.md"_s), saved);

    // A file that cannot be written any more does not hide what was written before.
    QVERIFY(QFile::setPermissions(folder + u"/SKILL.md"_s, QFile::ReadOwner));
    QVERIFY(desktop.start({}));
    QTRY_VERIFY_WITH_TIMEOUT(desktop.shown().endsWith(typed), patience);
}

void CrashTest::brokenStoreIsToldAndLeftAlone_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("no database") << QByteArray("this is not a database\n").repeated(1000);
    // https://www.sqlite.org/fileformat.html: a header as it should be, and then no page that is
    // one.
    QTest::newRow("a header and noise")
        << QByteArray::fromHex("53514c69746520666f726d617420330010000101004020200000000100000031")
            + QByteArray(100 - 32, '\0') + test::noise(200'000);
}

void CrashTest::brokenStoreIsToldAndLeftAlone()
{
    QFETCH(QByteArray, content);
    test::DesktopFixture fixture;
    const QString path = fixture.path(u"data/skillbox.db"_s);
    QVERIFY(QDir().mkpath(fixture.path(u"data"_s)));
    test::writeFile(path, content);
    QVERIFY(!fixture.start());
    QCOMPARE(fixture.session().engine().state(), EngineThread::State::Failed);
    const Error &error = fixture.session().engine().error();
    QVERIFY2(error.code == ErrorCode::StorageCorrupt || error.code == ErrorCode::StorageUnavailable,
             qPrintable(error.message));
    QVERIFY2(error.message.contains(u"skillbox.db"_s), qPrintable(error.message));
    // Every page says it in its own words, and all that needs no store goes on.
    for (const QString &page :
         {u"catalog"_s, u"runs"_s, u"artifacts"_s, u"server"_s, u"settings"_s, u"editor"_s}) {
        fixture.window().showPage(page);
        QCOMPARE(fixture.window().currentPage(), page);
        QCoreApplication::processEvents();
    }
    const QString folder = test::SkillFolder().write(fixture.path(u"skills"_s));
    Q_EMIT fixture.window().desk().navigation.editRequested(folder, {}, 0, 0);
    auto *page = fixture.window().findChild<EditorPage *>();
    QVERIFY(page);
    QTRY_COMPARE_WITH_TIMEOUT(page->files().current()->state(), DocumentView::State::Editable,
                              patience);
    QCOMPARE(contentOf(path), content);
}

QTEST_MAIN(CrashTest)
#include "test_crash.moc"
