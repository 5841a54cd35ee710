#include "engine/sandbox/oci/engine_images.h"

#include "engine/base/image_name.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QSysInfo>
#include <QUrl>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr auto longestPull = 600s;

Error unusable(const QString &name, const QString &why)
{
    return {ErrorCode::SandboxUnavailable, u"image \"%1\" cannot be used: %2"_s.arg(name, why)};
}

QString ownArchitecture()
{
    const QString name = QSysInfo::buildCpuArchitecture();
    return name == "x86_64"_L1 ? u"amd64"_s : name;
}

Result<std::optional<EngineImage>> inspectImage(EngineClient &engine, const QString &name)
{
    // Every character of an image's name may stand in a path (RFC 3986, 3.3).
    const auto answer = engine.send({.target = "/images/" + name.toLatin1() + "/json"});
    if (!answer)
        return fail(answer.error());
    if (answer->status == 404)
        return std::nullopt;
    if (!answer->isSuccess())
        return fail(unusable(
            name, u"the container engine answers %1"_s.arg(EngineClient::complaintIn(*answer))));
    const QJsonObject json = QJsonDocument::fromJson(answer->body).object();
    EngineImage image{json.value("Id"_L1).toString(), json.value("Architecture"_L1).toString()};
    if (!image.id.startsWith("sha256:"_L1))
        image.id.prepend("sha256:"_L1); // Podman leaves it out
    static const QRegularExpression digest(u"\\Asha256:[0-9a-f]{64}\\z"_s);
    if (!digest.match(image.id).hasMatch())
        return fail(unusable(name, u"the container engine describes it without an id"_s));
    if (!image.architecture.isEmpty() && image.architecture != ownArchitecture()) {
        return fail(unusable(name,
                             u"it is for %1, and this machine is %2"_s.arg(
                                 image.architecture.left(32), ownArchitecture())));
    }
    const QJsonObject volumes = json.value("Config"_L1).toObject().value("Volumes"_L1).toObject();
    if (!volumes.isEmpty()) {
        return fail(
            unusable(name,
                     u"it declares a volume (%1), where a run could write without any limit"_s.arg(
                         volumes.keys().first().left(200))));
    }
    return image;
}

/// The engine tells of a pull line by line, each a JSON object, and of its failure in one of them.
class PullProgress
{
public:
    Result<void> take(QByteArrayView bytes, const std::stop_token &stop)
    {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, u"pulling the image was cancelled"_s);
        m_line.append(bytes);
        for (qsizetype end = m_line.indexOf('\n'); end >= 0; end = m_line.indexOf('\n')) {
            look(m_line.first(end));
            m_line.remove(0, end + 1);
        }
        if (m_line.size() > (1 << 20))
            return fail(ErrorCode::SandboxUnavailable,
                        u"the container engine tells of a pull in a line without an end"_s);
        return {};
    }
    QString failure()
    {
        look(m_line);
        return m_failure;
    }

private:
    void look(const QByteArray &line)
    {
        const QJsonObject json = QJsonDocument::fromJson(line).object();
        if (json.contains("error"_L1))
            m_failure = json.value("error"_L1).toString().simplified().left(300);
    }
    QByteArray m_line;
    QString m_failure;
};

Result<void> pullImage(EngineClient &engine, const QString &name, const std::stop_token &stop)
{
    const bool hasTag = name.contains(u'@') || name.lastIndexOf(u':') > name.lastIndexOf(u'/');
    const QByteArray target = "/images/create?fromImage=" + QUrl::toPercentEncoding(name)
        + (hasTag ? QByteArray() : "&tag=latest"_ba);
    PullProgress progress;
    std::atomic<bool> abort = false;
    const std::stop_callback onStop(stop, [&abort] { abort = true; });
    const auto answer = engine.send({
        .method = "POST",
        .target = target,
        .sink = [&](QByteArrayView bytes) { return progress.take(bytes, stop); },
        .timeLimit = longestPull,
        .abort = &abort,
    });
    if (!answer)
        return fail(answer.error());
    const QString failure = answer->isSuccess() ? progress.failure()
                                                : EngineClient::complaintIn(*answer);
    if (!failure.isEmpty()) {
        return fail(
            ErrorCode::NotFound,
            u"image \"%1\" is not on the container engine at %2 and could not be pulled: %3"_s.arg(
                name, engine.address(), failure));
    }
    return {};
}

} // namespace

Result<EngineImage> findEngineImage(EngineClient &engine, const QString &name, PullPolicy pull,
                                    const std::stop_token &stop)
{
    if (!isImageName(name))
        return fail(ErrorCode::BadRequest, u"\"%1\" is not the name of an image"_s.arg(name));
    auto found = inspectImage(engine, name);
    if (!found)
        return fail(found.error());
    if (!*found && pull == PullPolicy::Missing) {
        if (auto pulled = pullImage(engine, name, stop); !pulled)
            return fail(pulled.error());
        found = inspectImage(engine, name);
        if (!found)
            return fail(found.error());
    }
    if (!*found) {
        return fail(ErrorCode::NotFound,
                    u"image \"%1\" is not on the container engine at %2: pull or load it there, or"
                    u" let Skillbox pull images with SKILLBOX_OCI_PULL=missing"_s.arg(
                        name, engine.address()));
    }
    return std::move(**found);
}

} // namespace skillbox
