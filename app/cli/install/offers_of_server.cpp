#include "app/cli/install/skill_offers.h"

#include "app/cli/backend/backend.h"
#include "app/cli/skill_source.h"

#include <QFile>

using namespace Qt::StringLiterals;

namespace skillbox {

Result<QList<SkillOffer>> offersOfServer(CliContext &context, const InstallSource &source)
{
    const auto opened = context.backend();
    if (!opened)
        return fail(opened.error());
    Backend &backend = **opened;
    // A key is only ever sent where the person points it, not where a lock file does.
    if (!source.location.isEmpty() && source.location != backend.server()) {
        return fail(ErrorCode::BadRequest,
                    u"%1 was installed from %2; name that server with --server"_s.arg(
                        source.path, source.location));
    }
    const auto record = backend.skill(source.path, source.reference);
    if (!record)
        return fail(withSimilarSkills(backend, record.error(), source.path));
    SkillOffer offer{.name = record->name, .source = source, .digest = record->digest, .fetch = {}};
    offer.source.location = backend.server();
    offer.source.resolved = record->version;
    offer.fetch = [&backend, record = *record](const QString &target) -> Result<void> {
        QFile file(target);
        const auto failed = [&file] {
            return fail(ErrorCode::Io,
                        u"cannot write '%1': %2"_s.arg(file.fileName(), file.errorString()));
        };
        if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly))
            return failed();
        auto pulled = backend.pull(record, [&](QByteArrayView bytes) -> Result<void> {
            if (file.write(bytes.data(), bytes.size()) != bytes.size())
                return failed();
            return {};
        });
        if (!pulled)
            return pulled;
        return file.flush() ? Result<void>() : failed();
    };
    return QList<SkillOffer>{std::move(offer)};
}

} // namespace skillbox
