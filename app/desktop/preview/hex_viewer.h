#pragma once

#include "app/desktop/preview/background_task.h"
#include "app/desktop/preview/hex_view.h"
#include "app/desktop/preview/viewer.h"

#include <QLabel>
#include <QLineEdit>

namespace skillbox {

/// The bytes of any file, with a field to go to an offset or to find bytes or a text. GUI thread.
class HexViewer : public Viewer
{
    Q_OBJECT

public:
    explicit HexViewer(QWidget *parent = nullptr);
    void open(const SharedFile &file, const QString &name) override;
    void close() override;
    void applyTheme(const Theme &theme) override;
    QWidget *tools() override { return m_tools; }

    /// What is meant by `0x1f4`, `500`, `"text"` or `de ad be ef`.
    struct Wanted {
        qint64 offset = -1; ///< to go to
        QByteArray bytes;   ///< to find
    };
    static Wanted parseWanted(const QString &typed);

private:
    void go();
    void showPosition(qint64 offset);

    HexView *m_view;
    QWidget *m_tools;
    QLabel *m_position;
    QLineEdit *m_field;
    SharedFile m_file;
    BackgroundTask m_searching;
};

} // namespace skillbox
