#include "app/desktop/server_page/connect_recipes.h"
#include "app/desktop/server_page/request_log_model.h"
#include "app/desktop/server_page/server_page.h"
#include "tests/support/desktop_fixture.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QInputDialog>
#include <QProcess>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

constexpr int patience = 20'000;

/// Runs a text as a shell script; what it printed on both channels.
QString shell(const QString &script, int *exitCode = nullptr)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(u"bash"_s, {u"-euc"_s, script});
    // The server answers on threads of its own, the page hears of it on this one.
    if (!QTest::qWaitFor([&] { return process.state() == QProcess::NotRunning; }, patience))
        return u"no end"_s;
    if (exitCode)
        *exitCode = process.exitCode();
    return QString::fromUtf8(process.readAll());
}

} // namespace

class ServerPageTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theServerRunsByItselfAndEndsWhenAsked();
    void theKeyIsHiddenUntilItIsAskedFor();
    void theCurlRecipeRunsASkillAndIsSeen();
    void everyRecipeNamesTheServer();
    void aTakenPortIsToldAndAnotherOneUsed();
    void aLastingKeyOpensTheServer();
    void theLogKeepsTheNewest();
    void theFirstStepsEndInARun();
    void aRunThatFailsIsExplained();
    void theFirstStepsCanBeSkippedAndFoundAgain();
};

void ServerPageTest::theServerRunsByItselfAndEndsWhenAsked()
{
    test::DesktopFixture fixture;
    QVERIFY(fixture.start());
    LocalServerHost &server = fixture.session().server();
    QTRY_COMPARE_WITH_TIMEOUT(server.state(), LocalServerHost::State::On, patience);
    fixture.window().showPage(u"server"_s);
    QCOMPARE(fixture.widget<QLineEdit>(u"server.address"_s)->text(), server.address());
    QVERIFY(QFile::exists(server.keyFile()));
    QCOMPARE(fixture.widget<QToolButton>(u"status.server"_s)->text(), server.address());
    const QString keyFile = server.keyFile();
    auto *toggle = fixture.window().findChild<ServerPage *>()->findChild<QPushButton *>(
        u"server.toggle"_s);
    QTest::mouseClick(toggle, Qt::LeftButton);
    QCOMPARE(server.state(), LocalServerHost::State::Off);
    QTRY_VERIFY_WITH_TIMEOUT(!QFile::exists(keyFile), patience);
    QVERIFY(!fixture.desktop().settings().serverWanted());
    QVERIFY(fixture.widget<QLineEdit>(u"server.address"_s)->text().isEmpty());
    QTest::mouseClick(toggle, Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(server.state(), LocalServerHost::State::On, patience);
}

void ServerPageTest::theKeyIsHiddenUntilItIsAskedFor()
{
    test::DesktopFixture fixture;
    QVERIFY(fixture.start());
    LocalServerHost &server = fixture.session().server();
    QTRY_COMPARE_WITH_TIMEOUT(server.state(), LocalServerHost::State::On, patience);
    fixture.window().showPage(u"server"_s);
    auto *key = fixture.widget<QLineEdit>(u"server.key"_s);
    QVERIFY(key->displayText() != server.key());
    QTest::mouseClick(fixture.widget<QPushButton>(u"server.reveal"_s), Qt::LeftButton);
    QCOMPARE(key->displayText(), server.key());
    QTest::mouseClick(fixture.widget<QPushButton>(u"server.copyKey"_s), Qt::LeftButton);
    QCOMPARE(QGuiApplication::clipboard()->text(), server.key());
}

void ServerPageTest::theCurlRecipeRunsASkillAndIsSeen()
{
    if (QStandardPaths::findExecutable(u"curl"_s).isEmpty())
        QSKIP("curl is not installed");
    test::DesktopFixture fixture;
    QVERIFY(fixture.start());
    LocalServerHost &server = fixture.session().server();
    QTRY_COMPARE_WITH_TIMEOUT(server.state(), LocalServerHost::State::On, patience);
    QCOMPARE(fixture.publish({}), QString());
    fixture.window().showPage(u"server"_s);
    QString recipe;
    for (const ConnectRecipe &each :
         connectRecipes({server.address(), server.keyFile(), u"skillbox"_s})) {
        if (each.title == "curl"_L1)
            recipe = each.text;
    }
    const QString answer = shell(recipe);
    QVERIFY2(answer.contains(u"\"status\":\"success\""_s), qPrintable(answer));

    auto *requests = fixture.widget<QTableView>(u"server.requests"_s)->model();
    QTRY_COMPARE_WITH_TIMEOUT(requests->rowCount(), 1, patience);
    QCOMPARE(requests->index(0, RequestLogModel::Method).data().toString(), u"POST"_s);
    QCOMPARE(requests->index(0, RequestLogModel::Path).data().toString(), u"/v1/executions"_s);
    QCOMPARE(requests->index(0, RequestLogModel::Status).data().toString(), u"200"_s);
    QVERIFY(requests->index(0, RequestLogModel::Client).data().toString().startsWith(u"curl"_s));
    auto *clients = fixture.widget<QTreeWidget>(u"server.clients"_s);
    QCOMPARE(clients->topLevelItemCount(), 1);
    QCOMPARE(clients->topLevelItem(0)->text(1), u"1"_s);
}

void ServerPageTest::everyRecipeNamesTheServer()
{
    const ConnectFacts facts{.address = u"http://127.0.0.1:4711"_s,
                             .keyFile = u"/home/o'neill/my data/local.json"_s,
                             .program = u"/opt/skill box/skillbox"_s};
    const QList<ConnectRecipe> recipes = connectRecipes(facts);
    QVERIFY(recipes.size() >= 6);
    for (const ConnectRecipe &recipe : recipes) {
        QVERIFY2(!recipe.explanation.isEmpty(), qPrintable(recipe.title));
        QVERIFY2(recipe.text.contains(facts.address) || recipe.text.contains(u"skill box"_s),
                 qPrintable(recipe.text));
        if (!recipe.fileName.endsWith(u".sh"_s))
            continue;
        // A path with spaces and quotes stays one word.
        int code = 1;
        const QString said = shell(u"bash -n <<'END_OF_RECIPE'\n"_s + recipe.text
                                       + u"\nEND_OF_RECIPE\n"_s,
                                   &code);
        QVERIFY2(code == 0, qPrintable(said));
    }
}

void ServerPageTest::aTakenPortIsToldAndAnotherOneUsed()
{
    test::DesktopFixture other;
    QVERIFY(other.start());
    QTRY_COMPARE_WITH_TIMEOUT(other.session().server().state(), LocalServerHost::State::On,
                              patience);
    const QString address = other.session().server().address();
    const int port = QStringView(address).sliced(address.lastIndexOf(u':') + 1).toInt();
    test::DesktopFixture fixture;
    fixture.desktop().settings().setServerPort(port);
    QVERIFY(fixture.start());
    LocalServerHost &server = fixture.session().server();
    QTRY_COMPARE_WITH_TIMEOUT(server.state(), LocalServerHost::State::On, patience);
    QCOMPARE(server.takenPort(), port);
    QVERIFY(!server.address().endsWith(u":%1"_s.arg(port)));
    const auto labels = fixture.window().findChild<ServerPage *>()->findChildren<QLabel *>();
    QVERIFY(std::any_of(labels.begin(), labels.end(), [&](const QLabel *label) {
        return label->text().contains(QString::number(port));
    }));
}

void ServerPageTest::aLastingKeyOpensTheServer()
{
    test::DesktopFixture fixture;
    QVERIFY(fixture.start());
    fixture.window().showPage(u"server"_s);
    auto *make = fixture.window().findChild<ServerPage *>()->findChild<QPushButton *>(
        u"server.makeKey"_s);
    QVERIFY(make->isEnabled());
    QTest::mouseClick(make, Qt::LeftButton);
    auto *dialog = fixture.window().findChild<QInputDialog *>(u"server.keyDialog"_s);
    QVERIFY(dialog);
    dialog->setTextValue(u"my agent"_s);
    QGuiApplication::clipboard()->clear();
    dialog->accept();
    QTRY_VERIFY_WITH_TIMEOUT(QGuiApplication::clipboard()->text().startsWith(u"sk-"_s), patience);
    const QString key = QGuiApplication::clipboard()->text();
    std::optional<QString> name;
    fixture.session().engine().ask(
        this,
        [key](Engine &engine) -> Result<QString> {
            const auto caller = engine.access().authenticate(key);
            if (!caller)
                return fail(caller.error());
            return caller->name;
        },
        [&](const Result<QString> &found) { name = found.value_or(QString()); });
    QTRY_VERIFY_WITH_TIMEOUT(name.has_value(), patience);
    QCOMPARE(*name, u"my agent"_s);
    // It is nowhere on the screen.
    for (const Notice &notice : fixture.window().desk().notifications.history())
        QVERIFY(!notice.title.contains(key) && !notice.text.contains(key));
}

void ServerPageTest::theLogKeepsTheNewest()
{
    RequestLogModel model;
    const QAbstractItemModelTester tester(&model);
    QList<ServedRequest> requests;
    for (int i = 0; i < RequestLogModel::kept + 40; ++i) {
        requests.append({QDateTime::currentDateTime(), u"GET"_s, u"/%1"_s.arg(i), 200,
                         std::chrono::milliseconds(1), {}});
    }
    model.append(requests.mid(0, 100));
    model.append(requests.mid(100, 400));
    model.append(requests.mid(500));
    QCOMPARE(model.rowCount(), RequestLogModel::kept);
    QCOMPARE(model.index(0, RequestLogModel::Path).data().toString(), u"/539"_s);
    QCOMPARE(model.index(model.rowCount() - 1, RequestLogModel::Path).data().toString(),
             u"/40"_s);
    model.append(requests);
    QCOMPARE(model.rowCount(), RequestLogModel::kept);
    model.clear();
    QCOMPARE(model.rowCount(), 0);
}

void ServerPageTest::theFirstStepsEndInARun()
{
    test::DesktopFixture fixture(test::DesktopFixture::Welcome::Shown);
    QVERIFY(fixture.start());
    QCOMPARE(fixture.window().currentPage(), u"welcome"_s);
    auto *add = fixture.widget<QPushButton>(u"welcome.add"_s);
    QTRY_VERIFY_WITH_TIMEOUT(add->isEnabled(), patience);
    auto *run = fixture.widget<QPushButton>(u"welcome.run"_s);
    QVERIFY(!run->isEnabled());
    QTest::mouseClick(add, Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(run->isEnabled(), patience);
    QTest::mouseClick(run, Qt::LeftButton);
    auto *output = fixture.widget<CodeView>(u"welcome.output"_s);
    QTRY_VERIFY_WITH_TIMEOUT(output->isVisible(), patience);
    QVERIFY2(output->toPlainText().contains(u"\"words\""_s), qPrintable(output->toPlainText()));
    QVERIFY(fixture.desktop().settings().isWelcomed());
    auto *catalog = fixture.widget<QPushButton>(u"welcome.catalog"_s);
    QVERIFY(catalog->isVisible());
    QTest::mouseClick(catalog, Qt::LeftButton);
    QCOMPARE(fixture.window().currentPage(), u"catalog"_s);
}

void ServerPageTest::aRunThatFailsIsExplained()
{
    test::DesktopFixture fixture(test::DesktopFixture::Welcome::Shown);
    QVERIFY(fixture.start());
    auto *add = fixture.widget<QPushButton>(u"welcome.add"_s);
    QTRY_VERIFY_WITH_TIMEOUT(add->isEnabled(), patience);
    QTest::mouseClick(add, Qt::LeftButton);
    auto *run = fixture.widget<QPushButton>(u"welcome.run"_s);
    QTRY_VERIFY_WITH_TIMEOUT(run->isEnabled(), patience);
    fixture.widget<QPlainTextEdit>(u"welcome.input"_s)->setPlainText(u"{\"text\": 1"_s);
    QTest::mouseClick(run, Qt::LeftButton);
    QWidget *page = fixture.widget<QWidget>(u"welcome"_s);
    const auto explained = [&] {
        const auto labels = page->findChildren<QLabel *>();
        return std::any_of(labels.begin(), labels.end(), [](const QLabel *label) {
            return label->isVisible() && label->text().contains(u"JSON"_s)
                && label->property("textRole").toString() == "error"_L1;
        });
    };
    QTRY_VERIFY_WITH_TIMEOUT(explained(), patience);
    QVERIFY(!fixture.desktop().settings().isWelcomed());
    QVERIFY(run->isEnabled());
}

void ServerPageTest::theFirstStepsCanBeSkippedAndFoundAgain()
{
    test::DesktopFixture fixture(test::DesktopFixture::Welcome::Shown);
    QVERIFY(fixture.start());
    QTest::mouseClick(fixture.widget<QPushButton>(u"welcome.skip"_s), Qt::LeftButton);
    QCOMPARE(fixture.window().currentPage(), u"catalog"_s);
    QVERIFY(fixture.desktop().settings().isWelcomed());
    fixture.window().desk().commands.find(u"page.welcome"_s)->trigger();
    QCOMPARE(fixture.window().currentPage(), u"welcome"_s);
}

QTEST_MAIN(ServerPageTest)
#include "test_server_page.moc"
