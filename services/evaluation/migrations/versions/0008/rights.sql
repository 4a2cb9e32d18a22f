GRANT UPDATE (assessor_1_id, assessor_2_id, supervisor_id) ON assessment_sessions TO evaluation_api;
