-- SPDX-License-Identifier: Apache-2.0
-- How the update of its lists stands at a kiosk, as its heartbeat says; '' where it says nothing.
ALTER TABLE kiosk ADD COLUMN list_update TEXT NOT NULL DEFAULT '';
