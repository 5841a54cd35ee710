#include "engine/remote/device_login.h"

#include "engine/net/loopback_host.h"
#include "engine/net/web_request.h"
#include "engine/oidc/strict_json.h"

#include <condition_variable>
#include <mutex>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr qsizetype mostCodeBytes = 64 << 10;
constexpr qsizetype longestUserCode = 64;
constexpr qsizetype longestAddress = 2048;
constexpr auto longestLogin = 3600s;
constexpr auto slowDown = 5s; ///< RFC 8628 section 3.5
constexpr auto longestInterval = 60s;

/// People are to type it; it is shown as it is.
bool isUserCode(const QString &text)
{
    return !text.isEmpty() && text.size() <= longestUserCode
        && std::all_of(text.begin(), text.end(), [](QChar c) { return c.isPrint(); });
}

bool isAddress(const QString &text, const QString &issuer)
{
    return text.size() <= longestAddress && isPrivateWebAddress(text)
        && (issuer.startsWith(u"http:") || text.startsWith(u"https:"));
}

bool isStopped(std::chrono::seconds pause, const std::stop_token &stop)
{
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait_for(lock, stop, pause, [] { return false; });
    return stop.stop_requested();
}

std::chrono::seconds secondsOf(const QJsonValue &value, std::chrono::seconds usual,
                               std::chrono::seconds most)
{
    const double seconds = value.toDouble(static_cast<double>(usual.count()));
    if (!(seconds >= 1))
        return 1s;
    return std::min(most, std::chrono::seconds(static_cast<qint64>(std::min(seconds, 1e6))));
}

} // namespace

Result<DeviceLogin> DeviceLogin::begin(const SignInClient &client, const QStringList &scopes,
                                       const std::stop_token &stop)
{
    const QString issuer = client.provider.issuer;
    if (client.provider.deviceUrl.isEmpty() || client.provider.tokenUrl.isEmpty()) {
        return fail(ErrorCode::NotFound,
                    u"the sign-in service %1 does not offer signing in on another device"_s.arg(
                        issuer));
    }
    QList<std::pair<QByteArray, QString>> form{{"client_id", client.clientId}};
    if (!scopes.isEmpty())
        form.append({"scope", scopes.join(u' ')});
    const Result<WebAnswer> answer = askWeb({.url = client.provider.deviceUrl,
                                             .headers = {"Accept: application/json"},
                                             .form = webForm(form),
                                             .caFile = client.caFile,
                                             .mostBytes = mostCodeBytes,
                                             .stop = stop});
    if (!answer)
        return fail(answer.error());
    const Result<QJsonObject> body = parseStrictObject(answer->body);
    if (answer->status != 200) {
        const QString why = body ? (*body)["error"_L1].toString().left(100) : QString();
        return fail(ErrorCode::Io,
                    u"the sign-in service %1 gives no code%2"_s.arg(
                        issuer, why.isEmpty() ? QString() : u": "_s + why),
                    body ? (*body)["error_description"_L1].toString().left(500)
                         : u"status %1"_s.arg(answer->status));
    }
    DeviceLogin login;
    login.m_client = client;
    if (body) {
        login.m_deviceCode = (*body)["device_code"_L1].toString();
        login.m_userCode = (*body)["user_code"_L1].toString();
        login.m_address = (*body)["verification_uri"_L1].toString();
        login.m_addressWithCode = (*body)["verification_uri_complete"_L1].toString();
        login.m_lifetime = secondsOf((*body)["expires_in"_L1], 600s, longestLogin);
        login.m_interval = secondsOf((*body)["interval"_L1], 5s, longestInterval);
    }
    if (login.m_deviceCode.isEmpty() || !isUserCode(login.m_userCode)
        || !isAddress(login.m_address, issuer)) {
        return fail(ErrorCode::Io,
                    u"the sign-in service %1 gives an answer that is no use"_s.arg(issuer),
                    body ? u"no code, or no address"_s : body.error().message);
    }
    if (!isAddress(login.m_addressWithCode, issuer))
        login.m_addressWithCode.clear();
    return login;
}

Result<SignInTokens> DeviceLogin::wait(const std::stop_token &stop)
{
    const auto deadline = std::chrono::steady_clock::now() + m_lifetime;
    const auto tooLate = [] {
        return fail(ErrorCode::Unauthorized,
                    u"nobody signed in before the code expired; try again"_s);
    };
    auto interval = m_interval;
    while (std::chrono::steady_clock::now() < deadline) {
        if (isStopped(interval, stop))
            return fail(ErrorCode::Cancelled, u"signing in was cancelled"_s);
        Result<TokenAnswer> answer = askForTokens(
            m_client,
            {{"grant_type", u"urn:ietf:params:oauth:grant-type:device_code"_s},
             {"device_code", m_deviceCode}},
            stop);
        if (!answer) {
            if (answer.error().code != ErrorCode::Io)
                return fail(answer.error());
            // RFC 8628 section 3.5: it may be back before the code expires.
            interval = std::min(interval * 2, longestInterval);
            continue;
        }
        if (answer->refusal.isEmpty())
            return std::move(answer->tokens);
        if (answer->refusal == u"slow_down")
            interval = std::min(interval + slowDown, longestInterval);
        else if (answer->refusal == u"access_denied")
            return fail(ErrorCode::Forbidden, u"the sign-in was refused"_s);
        else if (answer->refusal == u"expired_token")
            return tooLate();
        else if (answer->refusal != u"authorization_pending") {
            return fail(ErrorCode::Io,
                        u"the sign-in service %1 refuses: %2"_s.arg(m_client.provider.issuer,
                                                                    answer->refusal));
        }
    }
    return tooLate();
}

} // namespace skillbox
