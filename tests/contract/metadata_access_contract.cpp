#include "tests/contract/metadata_store_contract.h"

#include "tests/support/store_records.h"
#include "tests/support/verify_result.h"

#include <QTest>

using namespace Qt::StringLiterals;

namespace skillbox::test {
namespace {

const TenantId local = localTenant();
const TenantId other{u"other"_s};

KeyRecord someKey(const TenantId &tenant, const QString &name, qint64 createdSecond = 0)
{
    return {.id = {newUuid()},
            .tenant = tenant,
            .name = name,
            .role = u"runner"_s,
            .createdAt = at(createdSecond),
            .createdBy = u"tester"_s,
            .expiresAt = {}};
}

QString hashNamed(const QString &text)
{
    return Sha256::of(text.toUtf8());
}

AuditRecord auditOf(const TenantId &tenant, const QString &action)
{
    return {tenant, at(1), u"me"_s, action, u"t"_s, {}};
}

QStringList actionsOf(MetadataStore &store, const TenantId &tenant)
{
    QStringList actions;
    const auto records = store.listAudit(tenant, {}).value();
    for (const auto &record : records)
        actions.append(record.action);
    return actions;
}

QStringList tagsOf(const QList<TagRecord> &rows)
{
    QStringList tags;
    for (const auto &row : rows)
        tags.append(row.tag + u'=' + row.version);
    return tags;
}

} // namespace

// --- Keys

void MetadataStoreContract::findsAKeyByItsHash()
{
    KeyRecord key = someKey(local, u"Zoë's \"laptop\""_s, 3);
    key.role = u"publisher"_s;
    key.expiresAt = at(99).addMSecs(7);
    QVERIFY(m_store->insertKey(key, hashNamed(u"k"_s)).value());
    const auto found = m_store->findKeyByHash(hashNamed(u"k"_s));
    VERIFY_OK(found);
    QVERIFY(found->has_value());
    const KeyRecord &seen = **found;
    QCOMPARE(seen.id.value, key.id.value);
    QCOMPARE(seen.tenant.value, key.tenant.value);
    QCOMPARE(seen.name, key.name);
    QCOMPARE(seen.role, key.role);
    QCOMPARE(seen.createdAt, key.createdAt);
    QCOMPARE(seen.createdBy, key.createdBy);
    QCOMPARE(seen.expiresAt, key.expiresAt);
    QVERIFY(!seen.lastUsedAt.isValid());
    QVERIFY(!seen.revokedAt.isValid());
    QVERIFY(!m_store->findKeyByHash(hashNamed(u"K"_s)).value());
    QVERIFY(!m_store->findKeyByHash({}).value());
}

void MetadataStoreContract::makesTheTenantWithItsFirstKey()
{
    const TenantId fresh{u"acme"_s};
    const AuditRecord audit = auditOf(fresh, u"key.create"_s);
    QVERIFY(m_store->insertKey(someKey(fresh, u"first"_s), hashNamed(u"1"_s), &audit).value());
    QVERIFY(m_store->insertKey(someKey(fresh, u"second"_s), hashNamed(u"2"_s), &audit).value());
    QCOMPARE(actionsOf(*m_store, fresh), QStringList({u"key.create"_s, u"key.create"_s}));
    QCOMPARE(m_store->listTenants().value(), QList<TenantId>({fresh, local, other}));
}

void MetadataStoreContract::takesAHashOnce()
{
    QVERIFY(m_store->insertKey(someKey(local, u"mine"_s), hashNamed(u"k"_s)).value());
    const TenantId fresh{u"acme"_s};
    const AuditRecord audit = auditOf(fresh, u"key.create"_s);
    const auto again = m_store->insertKey(someKey(fresh, u"theirs"_s), hashNamed(u"k"_s), &audit);
    VERIFY_OK(again);
    QVERIFY(!*again);
    QVERIFY(actionsOf(*m_store, fresh).isEmpty());
    QCOMPARE(m_store->listTenants().value(), QList<TenantId>({local, other}));
    QCOMPARE(m_store->findKeyByHash(hashNamed(u"k"_s)).value()->name, u"mine"_s);
}

void MetadataStoreContract::listsKeysNewestFirst()
{
    for (const int second : {2, 3, 1}) {
        const QString name = QString::number(second);
        VERIFY_OK(m_store->insertKey(someKey(local, name, second), hashNamed(name)));
    }
    VERIFY_OK(m_store->insertKey(someKey(other, u"theirs"_s), hashNamed(u"theirs"_s)));
    QStringList names;
    const auto keys = m_store->listKeys(local).value();
    for (const auto &key : keys)
        names.append(key.name);
    QCOMPARE(names, QStringList({u"3"_s, u"2"_s, u"1"_s}));
    QVERIFY(m_store->listKeys({u"nobody"_s}).value().isEmpty());
}

void MetadataStoreContract::revokesAKeyOnce()
{
    const KeyRecord key = someKey(local, u"k"_s);
    VERIFY_OK(m_store->insertKey(key, hashNamed(u"k"_s)));
    const AuditRecord audit = auditOf(local, u"key.revoke"_s);
    const AuditRecord theirs = auditOf(other, u"key.revoke"_s);
    QVERIFY(!m_store->revokeKey(other, key.id, at(4), &theirs).value()); // another tenant's
    QVERIFY(!m_store->revokeKey(local, {newUuid()}, at(4), &audit).value());
    QVERIFY(!m_store->findKeyByHash(hashNamed(u"k"_s)).value()->revokedAt.isValid());
    QCOMPARE(m_store->revokeKey(local, key.id, at(5), &audit).value()->revokedAt, at(5));
    QCOMPARE(m_store->revokeKey(local, key.id, at(6), &audit).value()->revokedAt, at(5));
    QCOMPARE(m_store->findKeyByHash(hashNamed(u"k"_s)).value()->revokedAt, at(5));
    QCOMPARE(actionsOf(*m_store, local), QStringList({u"key.revoke"_s}));
    QVERIFY(actionsOf(*m_store, other).isEmpty());
}

void MetadataStoreContract::keepsNothingOfAKeyWhoseAuditFails()
{
    const AuditRecord impossible = auditOf({u"nobody"_s}, u"key.create"_s);
    const KeyRecord key = someKey(local, u"k"_s);
    QVERIFY(!m_store->insertKey(key, hashNamed(u"k"_s), &impossible));
    QVERIFY(!m_store->findKeyByHash(hashNamed(u"k"_s)).value());
    VERIFY_OK(m_store->insertKey(key, hashNamed(u"k"_s)));
    QVERIFY(!m_store->revokeKey(local, key.id, at(5), &impossible));
    QVERIFY(!m_store->findKeyByHash(hashNamed(u"k"_s)).value()->revokedAt.isValid());
}

void MetadataStoreContract::notesTheLatestUseOfAKey()
{
    const KeyRecord a = someKey(local, u"a"_s);
    const KeyRecord b = someKey(other, u"b"_s);
    VERIFY_OK(m_store->insertKey(a, hashNamed(u"a"_s)));
    VERIFY_OK(m_store->insertKey(b, hashNamed(u"b"_s)));
    VERIFY_OK(m_store->noteKeyUse({}));
    VERIFY_OK(m_store->noteKeyUse({{a.id, at(5)}, {{newUuid()}, at(5)}, {b.id, at(6)}}));
    QCOMPARE(m_store->findKeyByHash(hashNamed(u"a"_s)).value()->lastUsedAt, at(5));
    QCOMPARE(m_store->findKeyByHash(hashNamed(u"b"_s)).value()->lastUsedAt, at(6));
    VERIFY_OK(m_store->noteKeyUse({{a.id, at(4)}, {b.id, at(7)}}));
    QCOMPARE(m_store->findKeyByHash(hashNamed(u"a"_s)).value()->lastUsedAt, at(5));
    QCOMPARE(m_store->findKeyByHash(hashNamed(u"b"_s)).value()->lastUsedAt, at(7));
}

void MetadataStoreContract::knowsWhetherAnyKeyIsUsable()
{
    QVERIFY(!m_store->hasUsableKeys(at(0)).value());
    KeyRecord brief = someKey(other, u"brief"_s);
    brief.expiresAt = at(10);
    VERIFY_OK(m_store->insertKey(brief, hashNamed(u"brief"_s)));
    QVERIFY(m_store->hasUsableKeys(at(9)).value());
    QVERIFY(!m_store->hasUsableKeys(at(10)).value());
    const KeyRecord lasting = someKey(local, u"lasting"_s);
    VERIFY_OK(m_store->insertKey(lasting, hashNamed(u"lasting"_s)));
    QVERIFY(m_store->hasUsableKeys(at(10)).value());
    VERIFY_OK(m_store->revokeKey(local, lasting.id, at(8)));
    QVERIFY(!m_store->hasUsableKeys(at(10)).value());
}

// --- Tags

void MetadataStoreContract::setsAndMovesATag()
{
    for (const QString &version : {u"1.0.0"_s, u"2.0.0"_s})
        VERIFY_OK(m_store->insertVersion(someVersion(local, u"a"_s, version)));
    const AuditRecord audit = auditOf(local, u"skill.tag"_s);
    const TagRecord stable{u"stable"_s, u"1.0.0"_s, u"me"_s, at(1)};
    QVERIFY(m_store->setTag(local, u"a"_s, stable, &audit).value());
    const auto found = m_store->findTag(local, u"a"_s, u"stable"_s).value();
    QVERIFY(found.has_value());
    QCOMPARE(found->version, u"1.0.0"_s);
    QCOMPARE(found->setBy, u"me"_s);
    QCOMPARE(found->setAt, at(1));
    // Where it is already: nothing happens.
    QVERIFY(
        m_store->setTag(local, u"a"_s, {u"stable"_s, u"1.0.0"_s, u"you"_s, at(2)}, &audit).value());
    QCOMPARE(m_store->findTag(local, u"a"_s, u"stable"_s).value()->setBy, u"me"_s);
    QCOMPARE(actionsOf(*m_store, local).size(), 1);
    QVERIFY(
        m_store->setTag(local, u"a"_s, {u"stable"_s, u"2.0.0"_s, u"you"_s, at(3)}, &audit).value());
    QVERIFY(
        m_store->setTag(local, u"a"_s, {u"old"_s, u"1.0.0"_s, u"you"_s, at(3)}, &audit).value());
    QCOMPARE(tagsOf(m_store->listTags(local, u"a"_s).value()),
             QStringList({u"old=1.0.0"_s, u"stable=2.0.0"_s}));
    QCOMPARE(m_store->findTag(local, u"a"_s, u"stable"_s).value()->setAt, at(3));
    QCOMPARE(actionsOf(*m_store, local).size(), 3);
}

void MetadataStoreContract::setsNoTagOnAMissingVersion()
{
    VERIFY_OK(m_store->insertVersion(someVersion(local, u"a"_s, u"1.0.0"_s)));
    const AuditRecord audit = auditOf(local, u"skill.tag"_s);
    const TagRecord stable{u"stable"_s, u"1.0.0"_s, u"me"_s, at(1)};
    QVERIFY(!m_store->setTag(other, u"a"_s, stable, &audit).value());
    QVERIFY(!m_store->setTag(local, u"b"_s, stable, &audit).value());
    QVERIFY(
        !m_store->setTag(local, u"a"_s, {u"stable"_s, u"1.0.1"_s, u"me"_s, at(1)}, &audit).value());
    QVERIFY(actionsOf(*m_store, local).isEmpty());
    QVERIFY(m_store->listTags(local, u"a"_s).value().isEmpty());
}

void MetadataStoreContract::removesATagOnce()
{
    VERIFY_OK(m_store->insertVersion(someVersion(local, u"a"_s, u"1.0.0"_s)));
    VERIFY_OK(m_store->setTag(local, u"a"_s, {u"stable"_s, u"1.0.0"_s, u"me"_s, at(1)}));
    const AuditRecord audit = auditOf(local, u"skill.untag"_s);
    QVERIFY(!m_store->removeTag(other, u"a"_s, u"stable"_s, &audit).value());
    QVERIFY(!m_store->findTag(other, u"a"_s, u"stable"_s).value());
    QVERIFY(m_store->removeTag(local, u"a"_s, u"stable"_s, &audit).value());
    QVERIFY(!m_store->removeTag(local, u"a"_s, u"stable"_s, &audit).value());
    QVERIFY(!m_store->findTag(local, u"a"_s, u"stable"_s).value());
    QCOMPARE(actionsOf(*m_store, local), QStringList({u"skill.untag"_s}));
}

void MetadataStoreContract::deletingAVersionTakesItsTags()
{
    for (const QString &version : {u"1.0.0"_s, u"2.0.0"_s})
        VERIFY_OK(m_store->insertVersion(someVersion(local, u"a"_s, version)));
    VERIFY_OK(m_store->setTag(local, u"a"_s, {u"old"_s, u"1.0.0"_s, u"me"_s, at(1)}));
    VERIFY_OK(m_store->setTag(local, u"a"_s, {u"new"_s, u"2.0.0"_s, u"me"_s, at(1)}));
    QVERIFY(m_store->deleteVersion(local, u"a"_s, u"1.0.0"_s).value());
    QCOMPARE(tagsOf(m_store->listTags(local, u"a"_s).value()), QStringList({u"new=2.0.0"_s}));
}

} // namespace skillbox::test
