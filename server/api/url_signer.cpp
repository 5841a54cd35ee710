#include "server/api/url_signer.h"

#include "engine/base/system_error.h"
#include "engine/base/unique_fd.h"

#include <QFile>
#include <QMessageAuthenticationCode>
#include <QRandomGenerator>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype keyBytes = 32;

tl::unexpected<Error> unusableKey(const QString &path, const QString &why)
{
    return fail(ErrorCode::StorageUnavailable,
                u"the key file \"%1\" cannot be used: %2"_s.arg(path, why));
}

QString errnoText()
{
    return QString::fromStdString(std::generic_category().message(errno));
}

Result<QByteArray> readKey(const QString &path, int descriptor)
{
    QFile file;
    if (!file.open(descriptor, QIODevice::ReadOnly))
        return unusableKey(path, file.errorString());
    QByteArray key = file.read(keyBytes + 1);
    if (key.size() != keyBytes) {
        return unusableKey(
            path, u"it does not hold %1 bytes; remove it to get a new one"_s.arg(keyBytes));
    }
    return key;
}

QByteArray randomKey()
{
    std::array<quint32, keyBytes / sizeof(quint32)> words{};
    QRandomGenerator::system()->fillRange(words.data(), qsizetype(words.size()));
    return {reinterpret_cast<const char *>(words.data()), keyBytes};
}

} // namespace

Result<UrlSigner> UrlSigner::open(const QString &keyFile)
{
    const QByteArray path = QFile::encodeName(keyFile);
    const QByteArray fresh = path + '.' + newUuid().toLatin1();
    // A process that finds none writes one beside and links it: the first link wins, and nobody
    // ever reads half a key.
    for (int attempt = 0; attempt < 2; ++attempt) {
        const UniqueFd existing(::open(path.constData(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        if (existing) {
            Result<QByteArray> key = readKey(keyFile, existing.get());
            if (!key)
                return fail(key.error());
            return UrlSigner(std::move(*key));
        }
        if (errno != ENOENT)
            return unusableKey(keyFile, errnoText());

        const UniqueFd file(
            ::open(fresh.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!file)
            return unusableKey(keyFile, errnoText());
        const QByteArray key = randomKey();
        const bool written = ::write(file.get(), key.constData(), keyBytes) == keyBytes
            && ::fsync(file.get()) == 0;
        const bool linked = written
            && (::link(fresh.constData(), path.constData()) == 0 || errno == EEXIST);
        const QString why = linked ? QString() : errnoText();
        ::unlink(fresh.constData());
        if (!linked)
            return unusableKey(keyFile, why);
    }
    return unusableKey(keyFile, u"it vanishes as soon as it is made"_s);
}

UrlSigner UrlSigner::sharedBy(const QByteArray &secret)
{
    return UrlSigner(QMessageAuthenticationCode::hash("skillbox: links without a key", secret,
                                                      QCryptographicHash::Sha256));
}

QByteArray UrlSigner::sign(QByteArrayView purpose, const TenantId &tenant, const QString &id,
                           qint64 expires) const
{
    // No part can run into the next: the tenant, the one text without a fixed form, has its length
    // before it.
    const QByteArray tenantBytes = tenant.value.toUtf8();
    QMessageAuthenticationCode mac(QCryptographicHash::Sha256, m_key);
    mac.addData(purpose.toByteArray() + '\n' + QByteArray::number(tenantBytes.size()) + ':'
                + tenantBytes + '\n' + id.toUtf8() + '\n' + QByteArray::number(expires));
    return mac.result().toHex();
}

bool UrlSigner::verify(QByteArrayView purpose, const TenantId &tenant, const QString &id,
                       qint64 expires, QByteArrayView signature) const
{
    const QByteArray right = sign(purpose, tenant, id, expires);
    if (signature.size() != right.size())
        return false;
    volatile unsigned char difference = 0;
    for (qsizetype i = 0; i < right.size(); ++i)
        difference = difference | static_cast<unsigned char>(right[i] ^ signature[i]);
    return difference == 0;
}

} // namespace skillbox
