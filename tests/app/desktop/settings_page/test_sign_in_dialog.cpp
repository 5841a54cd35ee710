#include "app/desktop/settings_page/remote_settings.h"
#include "app/desktop/settings_page/sign_in_dialog.h"

#include "app/desktop/session/desktop_session.h"
#include "app/desktop/settings/settings.h"
#include "app/desktop/shell/command_registry.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/shell/notifications.h"
#include "tests/support/local_provider.h"

#include <QDesktopServices>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

constexpr int patienceMs = 30'000;

/// A team server and its sign-in service in one.
class TeamServer : public test::LocalProvider
{
public:
    TeamServer()
    {
        const QByteArray at = issuer().toUtf8();
        setDocument("/.well-known/oauth-protected-resource",
                    "{\"resource\":\"" + at + "\",\"authorization_servers\":[\"" + at
                        + "\"],\"skillbox_client_id\":\"cli\",\"scopes_supported\":[\"openid\"]}");
        setDocument("/.well-known/openid-configuration",
                    "{\"issuer\":\"" + at + "\",\"jwks_uri\":\"" + at
                        + "/jwks\","
                          "\"token_endpoint\":\""
                        + at
                        + "/token\","
                          "\"device_authorization_endpoint\":\""
                        + at + "/device\"}");
        setDocument("/device",
                    "{\"device_code\":\"d\",\"user_code\":\"ABCD-EFGH\","
                    "\"verification_uri\":\""
                        + at + "/enter\",\"interval\":1}");
        setDocument("/v1/skills?limit=1", "[]");
        wait();
    }
    void wait() { setDocument("/token", "{\"error\":\"authorization_pending\"}", 400); }
    void refuse() { setDocument("/token", "{\"error\":\"access_denied\"}", 400); }
    void letIn() { setDocument("/token", "{\"access_token\":\"t\",\"token_type\":\"Bearer\"}"); }
};

} // namespace

class TestSignInDialog : public QObject
{
    Q_OBJECT

    QTemporaryDir m_directory;
    std::unique_ptr<Settings> m_settings;
    std::unique_ptr<DesktopSession> m_session;
    CommandRegistry m_commands;
    Notifications m_notifications;
    Navigation m_navigation;
    TeamServer m_server;
    std::unique_ptr<RemoteSettings> m_page;
    QList<QUrl> m_opened;

    template<typename T>
    T *widget(const QString &name)
    {
        return m_page->findChild<T *>(name);
    }
    SignInDialog *dialog() { return m_page->findChild<SignInDialog *>(u"signin"_s); }

private Q_SLOTS:
    void open(const QUrl &url) { m_opened.append(url); }

    void initTestCase()
    {
        QDesktopServices::setUrlHandler(u"http"_s, this, "open");
        m_settings = std::make_unique<Settings>(m_directory.filePath(u"desktop.ini"_s));
        m_session = std::make_unique<DesktopSession>();
        m_session->remotes().open(m_directory.filePath(u"config"_s));
        m_page = std::make_unique<RemoteSettings>(
            Desk{*m_session, m_commands, m_notifications, m_navigation, *m_settings});
        m_page->show();
        bool added = false;
        m_session->remotes().add(m_page.get(), {.name = u"team"_s, .address = m_server.issuer()},
                                 RemoteList::Existing::Refuse,
                                 [&](const Result<void> &done) { added = done.has_value(); });
        QTRY_VERIFY_WITH_TIMEOUT(added, patienceMs);
        QTRY_VERIFY_WITH_TIMEOUT(widget<QPushButton>(u"servers.sign"_s)->isEnabled(), patienceMs);
    }
    void cleanupTestCase()
    {
        m_page.reset();
        m_session.reset();
        QDesktopServices::unsetUrlHandler(u"http"_s);
    }

    void whoIsRefusedMayTryAgain()
    {
        m_server.refuse();
        auto *sign = widget<QPushButton>(u"servers.sign"_s);
        sign->click();
        QVERIFY(dialog());
        auto *again = widget<QPushButton>(u"signin.again"_s);
        QTRY_VERIFY_WITH_TIMEOUT(again->isVisible(), patienceMs);
        QVERIFY(widget<QLabel>(u"signin.state"_s)->text().contains(u"refused"_s));
        m_server.wait();
        again->click();
        QTRY_COMPARE_WITH_TIMEOUT(widget<QLabel>(u"signin.code"_s)->text(), u"ABCD-EFGH"_s,
                                  patienceMs);
        QVERIFY(!again->isVisible());
        // Closing it gives up.
        dialog()->reject();
        QTRY_VERIFY_WITH_TIMEOUT(!dialog(), patienceMs);
        QCOMPARE(sign->text(), u"Sign in …"_s);
    }

    void signsInAndOut()
    {
        m_server.wait();
        auto *sign = widget<QPushButton>(u"servers.sign"_s);
        sign->click();
        QTRY_COMPARE_WITH_TIMEOUT(widget<QLabel>(u"signin.code"_s)->text(), u"ABCD-EFGH"_s,
                                  patienceMs);
        QCOMPARE(widget<QLabel>(u"signin.address"_s)->text(), m_server.issuer() + u"/enter"_s);
        m_opened.clear();
        widget<QPushButton>(u"signin.open"_s)->click();
        QCOMPARE(m_opened, QList<QUrl>{QUrl(m_server.issuer() + u"/enter"_s)});
        m_server.letIn();
        QTRY_COMPARE_WITH_TIMEOUT(sign->text(), u"Sign out"_s, patienceMs);
        QTRY_VERIFY_WITH_TIMEOUT(!dialog(), patienceMs);
        const Remote *team = m_session->remotes().find(u"team"_s);
        QVERIFY(team && m_session->remotes().isSignedIn(*team));
        sign->click();
        QTRY_COMPARE_WITH_TIMEOUT(sign->text(), u"Sign in …"_s, patienceMs);
        QVERIFY(!m_session->remotes().isSignedIn(*m_session->remotes().find(u"team"_s)));
    }
};

QTEST_MAIN(TestSignInDialog)
#include "test_sign_in_dialog.moc"
