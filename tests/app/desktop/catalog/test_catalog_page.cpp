#include "app/desktop/catalog/catalog_page.h"
#include "tests/support/desktop_fixture.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

class CatalogPageTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsWhatIsPublished();
};

void CatalogPageTest::showsWhatIsPublished()
{
    test::DesktopFixture fixture;
    QVERIFY(fixture.start());
    QCOMPARE(fixture.publish({}), QString());
    auto *page = fixture.window().findChild<CatalogPage *>();
    QVERIFY(page);
    auto *list = page->findChild<QListView *>();
    QTRY_COMPARE_WITH_TIMEOUT(list->model()->rowCount(), 1, 20'000);
    QCOMPARE(list->model()->index(0, 0).data().toString(), u"word-counter"_s);
}

QTEST_MAIN(CatalogPageTest)
#include "test_catalog_page.moc"
