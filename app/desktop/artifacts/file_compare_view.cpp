#include "app/desktop/artifacts/file_compare_view.h"

#include "app/desktop/preview/text_decoding.h"
#include "app/desktop/text/diff_view.h"
#include "app/desktop/widgets/controls.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 comparedAtOnce = 1 << 20;

std::optional<preview::Kind> pictureKind(FileKind kind)
{
    switch (kind) {
    case FileKind::Image: return preview::Kind::Image;
    case FileKind::Svg: return preview::Kind::Svg;
    case FileKind::Pdf: return preview::Kind::Pdf;
    default: return {};
    }
}

} // namespace

FileCompareView::FileCompareView(QWidget *parent)
    : QWidget(parent)
    , m_left(new QLabel)
    , m_right(new QLabel)
    , m_summary(textLabel({}, u"muted"_s))
    , m_stack(new QStackedWidget)
    , m_diff(new DiffView)
    , m_images(new ImageCompare)
{
    auto *titles = new QHBoxLayout;
    titles->setContentsMargins(24, 16, 24, 0);
    for (QLabel *title : {m_left, m_right}) {
        title->setTextFormat(Qt::PlainText);
        title->setProperty("textRole", u"heading"_s);
        title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
        titles->addWidget(title, 1);
    }
    m_summary->setObjectName("compare.summary"_L1);
    m_summary->setContentsMargins(24, 4, 24, 8);
    m_diff->setObjectName("compare.diff"_L1);
    m_images->setObjectName("compare.images"_L1);
    m_stack->addWidget(m_diff);
    m_stack->addWidget(m_images);
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(titles);
    column->addWidget(m_summary);
    column->addWidget(m_stack, 1);
    m_state = new StateView(content);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_state);
    connect(m_images, &ImageCompare::compared, this, [this](const QString &summary) {
        m_summary->setText(summary);
        m_state->showContent();
    });
    connect(m_images, &ImageCompare::failed, this, [this](const QString &why) {
        m_state->showMessage(u"error"_s, tr("The pictures cannot be compared"), why);
    });
}

Result<FileCompareView::Side> FileCompareView::read(const PreviewSource &source)
{
    const Result<SharedFile> file = RandomFile::open(source.path);
    if (!file)
        return fail(file.error());
    Side side;
    side.kind = fileKindOf(source.name, source.contentType, (*file)->read(0, tellingBytes));
    side.isText = side.kind != FileKind::Binary && side.kind != FileKind::Image
        && side.kind != FileKind::Pdf && (*file)->size() <= mostTextBytes;
    if (side.isText)
        side.text = decodeText((*file)->read(0, mostTextBytes), false).text;
    return side;
}

qint64 FileCompareView::firstDifference(const QString &left, const QString &right,
                                        const std::stop_token &stop)
{
    const Result<SharedFile> a = RandomFile::open(left);
    const Result<SharedFile> b = RandomFile::open(right);
    if (!a || !b)
        return 0;
    for (qint64 at = 0; !stop.stop_requested(); at += comparedAtOnce) {
        const QByteArray one = (*a)->read(at, comparedAtOnce);
        const QByteArray two = (*b)->read(at, comparedAtOnce);
        const auto differ = std::mismatch(one.begin(), one.end(), two.begin(), two.end());
        if (differ.first != one.end() || differ.second != two.end())
            return at + (differ.first - one.begin());
        if (one.size() < comparedAtOnce)
            return -1;
    }
    return 0;
}

void FileCompareView::show(const PreviewSource &left, const QString &leftTitle,
                           const PreviewSource &right, const QString &rightTitle)
{
    m_sources[0] = left;
    m_sources[1] = right;
    m_titles[0] = leftTitle;
    m_titles[1] = rightTitle;
    m_left->setText(leftTitle);
    m_right->setText(rightTitle);
    setPlainToolTip(*m_left, leftTitle);
    setPlainToolTip(*m_right, rightTitle);
    m_images->close();
    m_summary->clear();
    m_state->showLoading(tr("Comparing …"));
    m_reading.start(
        this,
        [left, right](const std::stop_token &stop) {
            Pair pair;
            pair.sides[0] = read(left);
            pair.sides[1] = read(right);
            if (pair.sides[0] && pair.sides[1])
                pair.sameTo = firstDifference(left.path, right.path, stop);
            return pair;
        },
        [this](const Pair &pair) { fill(pair); });
}

void FileCompareView::fill(const Pair &pair)
{
    for (const Result<Side> &side : pair.sides) {
        if (!side) {
            m_state->showMessage(u"error"_s, tr("These files cannot be compared"),
                                 side.error().message);
            return;
        }
    }
    const Side &left = *pair.sides[0];
    const Side &right = *pair.sides[1];
    const auto leftPicture = pictureKind(left.kind);
    const auto rightPicture = pictureKind(right.kind);
    if (leftPicture && rightPicture) {
        m_stack->setCurrentWidget(m_images);
        m_images->show(*leftPicture, m_sources[0].path, *rightPicture, m_sources[1].path);
        return;
    }
    if (pair.sameTo < 0) {
        m_state->showMessage(u"check"_s, tr("The files are the same"),
                             tr("They have the same bytes."));
        return;
    }
    if (left.isText && right.isText) {
        m_stack->setCurrentWidget(m_diff);
        m_diff->setTexts(m_titles[0], left.text, m_titles[1], right.text, m_sources[0].name);
        m_summary->setText(tr("The texts differ."));
        m_state->showContent();
        return;
    }
    m_state->showMessage(u"diff"_s, tr("The files differ"),
                         tr("The first byte that differs is at %L1 (0x%2). They are too large, or "
                            "of a kind, that no more can be shown.")
                             .arg(pair.sameTo)
                             .arg(pair.sameTo, 0, 16));
}

void FileCompareView::clear()
{
    m_reading.cancel();
    m_images->close();
    m_diff->setTexts({}, {}, {}, {});
}

void FileCompareView::applyTheme(const Theme &theme)
{
    m_state->applyTheme(theme);
    m_diff->applyTheme(theme);
    m_images->applyTheme(theme);
}

} // namespace skillbox
