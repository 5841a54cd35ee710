#include "engine/sandbox/oci/oci_config.h"

#include <QFile>
#include <QRegularExpression>
#include <QSaveFile>

using namespace Qt::StringLiterals;

namespace skillbox {

Result<OciAddress> parseOciAddress(const QString &text)
{
    const auto refused = [&] {
        return fail(ErrorCode::BadRequest,
                    u"\"%1\" is no address of a container engine, such as"
                    u" unix:///run/docker.sock or tcp://127.0.0.1:2375"_s.arg(text));
    };
    if (text.startsWith(u"unix:///"_s)) {
        const QString path = text.mid(7);
        // sockaddr_un(7) takes 108 bytes with the NUL at the end.
        if (path.size() < 2 || path.toUtf8().size() > 107 || path.contains(QChar(u'\0')))
            return refused();
        return OciAddress{text, path, "http://localhost"};
    }
    static const QRegularExpression tcp(
        u"\\Atcp://([A-Za-z0-9](?:[A-Za-z0-9.-]{0,253})|\\[[0-9A-Fa-f:]+\\]):([0-9]{1,5})/?\\z"_s);
    const QRegularExpressionMatch match = tcp.match(text);
    if (!match.hasMatch() || match.captured(2).toInt() < 1 || match.captured(2).toInt() > 65535)
        return refused();
    return OciAddress{
        text, {}, "http://" + match.captured(1).toLatin1() + ':' + match.captured(2).toLatin1()};
}

Result<PullPolicy> parsePullPolicy(const QString &text)
{
    if (text == "never"_L1)
        return PullPolicy::Never;
    if (text == "missing"_L1)
        return PullPolicy::Missing;
    return fail(ErrorCode::BadRequest, u"\"%1\" is neither never nor missing"_s.arg(text));
}

Result<RuntimeMode> parseRuntimeMode(const QString &text)
{
    if (text == "auto"_L1)
        return RuntimeMode::Auto;
    if (text == "native"_L1)
        return RuntimeMode::Native;
    if (text == "oci"_L1 || text == "docker"_L1 || text == "podman"_L1)
        return RuntimeMode::Oci;
    return fail(ErrorCode::BadRequest,
                u"\"%1\" is not one of auto, native, oci, docker, podman"_s.arg(text));
}

QString homeIdOf(const QString &dataDirectory)
{
    const QString path = dataDirectory + u"/container-home"_s;
    const auto read = [&path] {
        QFile file(path);
        const QString id = file.open(QIODevice::ReadOnly)
            ? QString::fromLatin1(file.read(64)).trimmed()
            : QString();
        return isUuid(id) ? id : QString();
    };
    if (const QString id = read(); !id.isEmpty())
        return id;
    // Two that start at once: the last one wins, and both read what is there in the end.
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(newUuid().toLatin1() + '\n') < 0
        || !file.commit())
        return {};
    return read();
}

} // namespace skillbox
