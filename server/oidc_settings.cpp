#include "server/oidc_settings.h"

#include "engine/access/tenant_name.h"
#include "engine/oidc/provider.h"
#include "engine/skill/quantity.h"

#include <QDir>
#include <QFileInfo>

#include <array>
#include <optional>
#include <utility>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// What means nothing without an issuer.
constexpr std::array dependent{"AUDIENCE",   "TENANT_CLAIM", "TENANT",    "CREATE_TENANTS",
                               "ROLE_CLAIM", "ROLES",        "CLIENT_ID", "SCOPES",
                               "CA_BUNDLE",  "CLOCK_SKEW"};
constexpr auto largestSkew = 10min;

class OidcReader
{
public:
    OidcReader(const QProcessEnvironment &environment, QStringList &complaints)
        : m_environment(environment)
        , m_complaints(complaints)
    {
    }
    QString text(const char *name) const
    {
        return m_environment.value(u"SKILLBOX_OIDC_"_s + QLatin1StringView(name)).trimmed();
    }
    void complain(const char *name, const QString &what)
    {
        m_complaints += u"SKILLBOX_OIDC_%1: %2"_s.arg(QLatin1StringView(name), what);
    }

private:
    const QProcessEnvironment &m_environment;
    QStringList &m_complaints;
};

void readIssuer(OidcReader &reader, OidcConfig &config)
{
    config.issuer = reader.text("ISSUER");
    if (const auto usable = checkIssuer(config.issuer); !usable)
        reader.complain("ISSUER", usable.error().message);
    config.audience = reader.text("AUDIENCE");
    if (config.audience.isEmpty()) {
        reader.complain("AUDIENCE",
                        u"is missing: tokens that are not made for this server would "
                        "open it"_s);
    }
    config.caFile = reader.text("CA_BUNDLE");
    if (!config.caFile.isEmpty()) {
        if (!QFileInfo(config.caFile).isReadable())
            reader.complain("CA_BUNDLE", u"cannot read the file \"%1\""_s.arg(config.caFile));
        config.caFile = QDir::current().absoluteFilePath(config.caFile);
    }
    if (const QString skew = reader.text("CLOCK_SKEW"); skew == u"0" || skew == u"0s") {
        config.clockSkew = 0s;
    } else if (!skew.isEmpty()) {
        const auto duration = parseDuration(skew);
        if (!duration || *duration > largestSkew)
            reader.complain("CLOCK_SKEW", u"\"%1\" is not a time from 0s to 10m"_s.arg(skew));
        else
            config.clockSkew = std::chrono::duration_cast<std::chrono::seconds>(*duration);
    }
}

void readTenants(OidcReader &reader, OidcConfig &config)
{
    config.tenantClaim = reader.text("TENANT_CLAIM");
    config.tenant = reader.text("TENANT");
    if (config.tenantClaim.isEmpty() == config.tenant.isEmpty()) {
        reader.complain("TENANT_CLAIM",
                        config.tenant.isEmpty()
                            ? u"is missing: name the claim that holds the tenant, or with "
                              "SKILLBOX_OIDC_TENANT the one tenant that everybody belongs to"_s
                            : u"and SKILLBOX_OIDC_TENANT are given: only one of them can count"_s);
    }
    if (!config.tenant.isEmpty()) {
        if (const auto good = checkTenantName(config.tenant); !good)
            reader.complain("TENANT", good.error().message);
    }
    const QString create = reader.text("CREATE_TENANTS");
    config.createTenants = create == u"true";
    if (!create.isEmpty() && create != u"true" && create != u"false")
        reader.complain("CREATE_TENANTS", u"\"%1\" is neither true nor false"_s.arg(create));
}

/// The parts between commas. A value in quotation marks may have commas, and quotation marks that
/// are doubled: "cn=ops,o=""x"""=admin. Nothing: the marks are not as they should be.
std::optional<QStringList> splitRoles(const QString &text)
{
    QStringList parts;
    QString part;
    bool isQuoted = false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text.at(i);
        if (c == u',' && !isQuoted) {
            parts.append(std::exchange(part, {}));
            continue;
        }
        // In a value that does not begin with one it is a character like others.
        if (c == u'"' && isQuoted) {
            const QStringView rest = QStringView(text).sliced(i + 1);
            const bool isDoubled = rest.startsWith(u'"');
            if (isDoubled)
                part += text.at(i++);
            else if (!rest.trimmed().startsWith(u'='))
                return std::nullopt;
            isQuoted = isDoubled;
        } else if (c == u'"' && part.trimmed().isEmpty()) {
            isQuoted = true;
        }
        part += c;
    }
    if (isQuoted)
        return std::nullopt;
    parts.append(part);
    parts.removeIf([](const QString &one) { return one.trimmed().isEmpty(); });
    return parts;
}

QString unquoted(const QString &value)
{
    if (value.size() < 2 || !value.startsWith(u'"') || !value.endsWith(u'"'))
        return value;
    return value.sliced(1, value.size() - 2).replace(u"\"\""_s, u"\""_s);
}

void readRoles(OidcReader &reader, OidcConfig &config)
{
    config.roleClaim = reader.text("ROLE_CLAIM");
    if (config.roleClaim.isEmpty())
        reader.complain("ROLE_CLAIM",
                        u"is missing: name the claim that says what somebody may do"_s);
    const std::optional<QStringList> parts = splitRoles(reader.text("ROLES"));
    if (!parts) {
        return reader.complain("ROLES",
                               u"has a quotation mark that is not closed, or something else than "
                               "=ROLE after one that is"_s);
    }
    for (const QString &part : *parts) {
        // At the last one: a value may have some of its own.
        const qsizetype equals = part.lastIndexOf(u'=');
        const QString value = unquoted(part.first(qMax(qsizetype(0), equals)).trimmed());
        const auto role = roleFromName(part.sliced(equals + 1).trimmed());
        if (value.isEmpty() || !role) {
            reader.complain("ROLES",
                            u"\"%1\" is not VALUE=ROLE with one of the roles reader, runner, "
                            "publisher, admin, auditor"_s.arg(part.trimmed()));
            continue;
        }
        config.roles.append({value, *role});
    }
    if (reader.text("ROLES").isEmpty()) {
        reader.complain("ROLES",
                        u"is missing: say which values of the claim give which role, such "
                        "as skill-admins=admin,developers=publisher"_s);
    }
}

void readLogin(OidcReader &reader, OidcConfig &config)
{
    config.clientId = reader.text("CLIENT_ID");
    if (const QString scopes = reader.text("SCOPES"); !scopes.isEmpty()) {
        config.scopes = QString(scopes).replace(u',', u' ').split(u' ', Qt::SkipEmptyParts);
        if (config.clientId.isEmpty()) {
            reader.complain("CLIENT_ID",
                            u"is missing: scopes are what skillbox login asks for, as a client of "
                            "the sign-in service"_s);
        }
    }
}

} // namespace

OidcConfig readOidcSettings(const QProcessEnvironment &environment, QStringList &complaints)
{
    OidcReader reader(environment, complaints);
    OidcConfig config;
    if (reader.text("ISSUER").isEmpty()) {
        for (const char *name : dependent) {
            if (!reader.text(name).isEmpty())
                reader.complain(name, u"means nothing without SKILLBOX_OIDC_ISSUER"_s);
        }
        return config;
    }
    readIssuer(reader, config);
    readTenants(reader, config);
    readRoles(reader, config);
    readLogin(reader, config);
    return config;
}

} // namespace skillbox
