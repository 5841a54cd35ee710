#include "tests/server/api/api_fixture.h"

#include "engine/base/sha256.h"
#include "engine/skill/archive.h"
#include "tests/support/skill_folder.h"

#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

/// The indexes at well-known places: what they list, that their digests are right, who may read
/// them.
class TestDiscoveryApi : public QObject
{
    Q_OBJECT

    std::unique_ptr<ApiFixture> m_api;
    const QString m_index = u"/.well-known/agent-skills/index.json"_s;
    const QString m_files = u"/.well-known/skills/index.json"_s;

    void start(const QString &publicTenant = {}, RateLimit limit = {})
    {
        ServerSettings settings;
        settings.publicTenant = publicTenant;
        settings.rateLimit = limit;
        m_api = ApiFixture::start(settings);
        QVERIFY(m_api);
    }
    void publishFolder(const QString &name, const QString &version, bool scripts)
    {
        const QString folder = m_api->path(u"source-"_s + newUuid());
        writeFile(folder + u"/SKILL.md"_s,
                  "---\nname: " + name.toUtf8() + "\nversion: " + version.toUtf8()
                      + "\ndescription: Counts when asked.\n---\nText.\n");
        if (scripts)
            writeFile(folder + u"/scripts/a b.py"_s, "print(1)\n");
        const auto published = m_api->engine().registry().publishDirectory(localTenant(), folder,
                                                                           {.actor = u"me"_s});
        QVERIFY2(published.has_value(), published ? "" : qPrintable(published.error().message));
    }
    HttpAnswer withoutKey(const QString &target)
    {
        return m_api->send({.target = target, .key = {}});
    }

private Q_SLOTS:
    void cleanup() { m_api.reset(); }

    void listsTheLatestOfEachSkill()
    {
        start();
        publishFolder(u"counter"_s, u"1.0.0"_s, true);
        publishFolder(u"counter"_s, u"1.10.0"_s, true);
        publishFolder(u"counter"_s, u"1.9.0"_s, true);
        publishFolder(u"prose"_s, u"2.0.0"_s, false);
        publishFolder(u"Old_Name"_s, u"1.0.0"_s, false); // not a name by the specification
        publishFolder(u"gone"_s, u"1.0.0"_s, false);
        QVERIFY(m_api->engine().registry().yank({localTenant(), u"gone"_s, u"1.0.0"_s}, {}, {}));

        const QJsonObject index = m_api->get(m_index).object();
        QCOMPARE(index["$schema"_L1].toString(),
                 u"https://schemas.agentskills.io/discovery/0.2.0/schema.json"_s);
        const QJsonArray skills = index["skills"_L1].toArray();
        QCOMPARE(skills.size(), 2);
        QCOMPARE(skills[0]["name"_L1].toString(), u"counter"_s);
        QCOMPARE(skills[0]["version"_L1].toString(), u"1.10.0"_s);
        QCOMPARE(skills[0]["type"_L1].toString(), u"archive"_s);
        QCOMPARE(skills[1]["name"_L1].toString(), u"prose"_s);
        QCOMPARE(skills[1]["type"_L1].toString(), u"skill-md"_s);

        const QJsonArray files = m_api->get(m_files).object()["skills"_L1].toArray();
        QCOMPARE(files.size(), 2);
        QCOMPARE(files[0]["files"_L1].toArray(), QJsonArray({u"SKILL.md"_s, u"scripts/a b.py"_s}));
    }

    void digestsAreOfWhatTheAddressesGive()
    {
        start();
        publishFolder(u"counter"_s, u"1.0.0"_s, true);
        publishFolder(u"prose"_s, u"2.0.0"_s, false);
        for (const QJsonValue &skill : m_api->get(m_index).object()["skills"_L1].toArray()) {
            const HttpAnswer content = m_api->get(u"/.well-known/agent-skills/"_s
                                                  + skill["url"_L1].toString());
            QCOMPARE(content.status, 200);
            QCOMPARE(u"sha256:"_s + Sha256::of(content.body), skill["digest"_L1].toString());
        }
        const HttpAnswer script = m_api->get(u"/.well-known/skills/counter/scripts/a%20b.py"_s);
        QCOMPARE(script.status, 200);
        QCOMPARE(script.body, "print(1)\n");
        QVERIFY2(script.header("Content-Disposition").startsWith("attachment"),
                 script.header("Content-Disposition"));
        QCOMPARE(m_api->get(u"/.well-known/skills/counter/none"_s).status, 404);
        QCOMPARE(m_api->get(u"/.well-known/skills/none/SKILL.md"_s).status, 404);
        QCOMPARE(m_api->get(u"/.well-known/agent-skills/counter/9.9.9/skill.zip"_s).status, 404);
        QVERIFY(m_api->get(u"/.well-known/skills/counter/..%2Fx"_s).status >= 400);
    }

    void answersAgainOnlyWhatHasChanged()
    {
        start();
        publishFolder(u"prose"_s, u"1.0.0"_s, false);
        for (const QString &target : {m_index, m_files}) {
            QByteArray etag = m_api->get(target).header("ETag");
            if (etag.startsWith("W/"))
                etag.remove(0, 2);
            QVERIFY(etag.size() > 10);
            const auto again = [&] {
                return m_api->send({.target = target, .headers = {{"If-None-Match", etag}}}).status;
            };
            QCOMPARE(again(), 304);
            publishFolder(u"prose-"_s + QString::number(target.size()), u"1.0.0"_s, false);
            QCOMPARE(again(), 200);
        }
    }

    void isNobodysBusinessUnlessToldSo()
    {
        start();
        publishFolder(u"counter"_s, u"1.0.0"_s, true);
        for (const QString &target : {m_index, m_files, u"/.well-known/skills/counter/SKILL.md"_s,
                                      u"/.well-known/agent-skills/counter/1.0.0/skill.zip"_s,
                                      u"/.well-known/agent-skills/counter/1.0.0/SKILL.md"_s}) {
            QCOMPARE(withoutKey(target).status, 401);
            QCOMPARE(m_api->send({.target = target, .key = m_api->key(Role::Reader)}).status, 200);
            // Another tenant's key finds its own skills: none.
            const QString stranger = m_api->key(Role::Admin, u"others"_s);
            const HttpAnswer other = m_api->send({.target = target, .key = stranger});
            if (target.endsWith(u"index.json"))
                QCOMPARE(other.object()["skills"_L1].toArray().size(), 0);
            else
                QCOMPARE(other.status, 404);
        }
    }

    void opensOneTenantToEverybody()
    {
        start(u"local"_s, {.requests = 100, .window = std::chrono::seconds(3600)});
        publishFolder(u"counter"_s, u"1.0.0"_s, true);
        const HttpAnswer open = withoutKey(m_index);
        QCOMPARE(open.status, 200);
        QCOMPARE(open.object()["skills"_L1].toArray().size(), 1);
        QCOMPARE(withoutKey(u"/.well-known/agent-skills/counter/1.0.0/skill.zip"_s).status, 200);
        // Who sends a key is still held to it, and the rest of the API is not open.
        QCOMPARE(m_api->send({.target = m_index, .key = u"sk-wrong"_s}).status, 401);
        QCOMPARE(m_api->send({.target = m_index, .key = m_api->key(Role::Admin, u"others"_s)})
                     .object()["skills"_L1]
                     .toArray()
                     .size(),
                 0);
        QCOMPARE(withoutKey(u"/v1/skills"_s).status, 401);
        // Guests share a limit; those with a key do not feel it.
        int status = 0;
        for (int i = 0; i < 100 && status != 429; ++i)
            status = withoutKey(m_files).status;
        QCOMPARE(status, 429);
        QCOMPARE(m_api->get(m_files).status, 200);
    }
};

QTEST_GUILESS_MAIN(TestDiscoveryApi)
#include "test_discovery_api.moc"
